import { randomUUID } from 'node:crypto'
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { StorageError } from '../../domain/errors.js'

/** A text that is kept apart. */
export interface Body {
  hash: string
  bytes: number
  content: Buffer
}

const writtenAtOnce = 16
/** Of ours, with what a process left that was killed while it wrote; whatever else is there is left alone. */
const ownName = /^[0-9a-f]{64}(\.[0-9a-f-]{36}\.tmp)?$/

/**
 * Compressed texts as files, `<folder>/<shelf>/<first two digits>/<sha256>`, for their owner alone. Which of them are in
 * use the database tells.
 */
export class BodyFolder {
  private readonly folder: string
  private readonly suspects = new Map<string, Set<string>>()

  constructor(folder: string) {
    this.folder = resolve(folder)
  }

  /** Those that are not there: each whole or not at all, and on the disk when this resolves. */
  async write(shelf: string, bodies: Body[]): Promise<void> {
    const folders = new Set(bodies.map(({ hash }) => dirname(this.path(shelf, hash))))
    await refusing(async () => {
      for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 })
      for (let start = 0; start < bodies.length; start += writtenAtOnce) {
        const some = bodies.slice(start, start + writtenAtOnce)
        await Promise.all(some.map(({ hash, content }) => writeOnce(this.path(shelf, hash), content)))
      }
      const above = [join(this.folder, shelf), this.folder, dirname(this.folder)]
      for (const folder of bodies.length > 0 ? [...folders, ...above] : []) await sync(folder)
    })
  }

  has(shelf: string, hash: string): Promise<boolean> {
    return refusing(() => isThere(this.path(shelf, hash)))
  }

  /** Undefined where there is none. */
  read(shelf: string, hash: string): Promise<Buffer | undefined> {
    return refusing(() => readFile(this.path(shelf, hash)).catch(undefinedWhereGone))
  }

  async remove(shelf: string, names: string[]): Promise<void> {
    await refusing(async () => {
      for (const name of names) await rm(this.path(shelf, name), { force: true })
    })
  }

  /** What is there, a few at a time: hashes, and files that nobody finished. */
  async *names(shelf: string): AsyncGenerator<string[]> {
    const list = (folder: string) => refusing(() => readdir(folder).catch(undefinedWhereGone))
    const folder = join(this.folder, shelf)
    for (const digits of (await list(folder)) ?? []) {
      if (!/^[0-9a-f]{2}$/.test(digits)) continue
      const names = (await list(join(folder, digits))) ?? []
      yield names.filter((name) => ownName.test(name) && name.startsWith(digits))
    }
  }

  /** Files that may be in use no more; only the database knows once its transaction has ended. */
  suspect(namespace: string, hashes: string[]): void {
    this.suspects.set(namespace, new Set([...this.suspectsOf(namespace), ...hashes]))
  }

  acquit(namespace: string, hashes: string[]): void {
    for (const hash of hashes) this.suspects.get(namespace)?.delete(hash)
  }

  suspectsOf(namespace: string): string[] {
    return [...(this.suspects.get(namespace) ?? [])]
  }

  private path(shelf: string, name: string): string {
    return join(this.folder, shelf, name.slice(0, 2), name)
  }
}

async function writeOnce(path: string, content: Buffer): Promise<void> {
  if (await isThere(path)) return
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const isThere = async (path: string) => (await access(path).then(() => true, undefinedWhereGone)) ?? false

/** A name is on the disk when its folder is. */
async function sync(folder: string): Promise<void> {
  const opened = await open(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

const isGone = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

function undefinedWhereGone(error: unknown): undefined {
  if (!isGone(error)) throw error
}

/** Whether a file went while it was worked with. */
export const isFileGone = (error: unknown): boolean => error instanceof StorageError && isGone(error.cause ?? {})

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new StorageError('STORAGE_FAILED', `The folder of bodies refused: ${code ?? message}.`, { cause: error })
  }
}
