import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { InvalidInputError } from '../../domain/errors.js'
import { unwritable } from './output.js'

/**
 * Opens `file`, or gives `stdin` for `-`.
 *
 * @throws {InvalidInputError} when it cannot be read
 */
export async function openInput(file: string, stdin: Readable): Promise<Readable> {
  if (file === '-') return stdin
  const handle = await open(file).catch((error: Error) => refuse(file, 'read', error))
  if ((await handle.stat()).isDirectory()) {
    await handle.close()
    throw new InvalidInputError([{ path: file, message: 'is a folder; name a file, or - for stdin' }])
  }
  return handle.createReadStream()
}

/**
 * What a file of JSON holds.
 *
 * @throws {InvalidInputError} when it cannot be read, or holds no object
 */
export async function readJsonFile(file: string): Promise<object> {
  const text = await readFile(file, 'utf8').catch((error: Error) => refuse(file, 'read', error))
  const value = parsed(file, text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidInputError([{ path: file, message: 'holds JSON that is no object' }])
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidInputError([{ path: file, message: `is not JSON: ${(error as Error).message}` }])
  }
}

/** What to call an input in a message. */
export const inputName = (file: string) => (file === '-' ? 'stdin' : file)

/**
 * The same bytes.
 *
 * @throws {InvalidInputError} at their end, if there was nothing but white space
 */
export async function* notBlank(source: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  let isBlank = true
  for await (const chunk of source) {
    isBlank &&= Buffer.from(chunk).toString('latin1').trim() === ''
    yield chunk
  }
  if (!isBlank) return
  throw new InvalidInputError(
    [{ path: inputName(file), message: 'is empty; an archive was to come in' }],
    'ARCHIVE_MALFORMED',
  )
}

type Texts = AsyncIterable<string> | Iterable<string>

/**
 * Writes `texts` under another name and renames it when whole: a reader never finds half a file,
 * and a failure leaves an older one as it was. A device or a pipe is written to as it stands: the
 * renamed file would take its place.
 */
export async function writeWhole(file: string, texts: Texts): Promise<number> {
  const isReplaceable = await stat(file).then(
    (found) => found.isFile(),
    () => true,
  )
  if (isReplaceable) return replaceFile(file, texts)
  const handle = await open(file, 'w').catch((error: Error) => refuse(file, 'written', error))
  try {
    return await writeTexts(handle, file, texts)
  } finally {
    await handle.close()
  }
}

async function replaceFile(file: string, texts: Texts): Promise<number> {
  // What a link names is replaced, not the link.
  const target = await realpath(file).catch(() => file)
  const draft = `${target}.${process.pid}.tmp`
  const handle = await open(draft, 'w').catch((error: Error) => refuse(file, 'written', error))
  try {
    const bytes = await writeTexts(handle, file, texts)
    await handle.sync().catch((error: Error) => unwritable(file, error))
    await handle.close()
    await rename(draft, target).catch((error: Error) => refuse(file, 'written', error))
    return bytes
  } catch (error) {
    await handle.close()
    await rm(draft, { force: true })
    throw error
  }
}

async function writeTexts(handle: FileHandle, file: string, texts: Texts): Promise<number> {
  let bytes = 0
  for await (const text of texts) {
    await handle.writeFile(text).catch((error: Error) => unwritable(file, error))
    bytes += Buffer.byteLength(text)
  }
  return bytes
}

function refuse(file: string, verb: 'read' | 'written', error: Error): never {
  throw new InvalidInputError([{ path: file, message: `cannot be ${verb}: ${error.message.split(',', 1)[0]}` }])
}
