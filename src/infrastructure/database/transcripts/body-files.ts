import { hash, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { StorageError } from '../../../domain/errors.js'
import { DamagedTextError } from '../../../domain/transcripts/damaged-text.js'
import { type Body, type BodyFolder, isFileGone } from '../body-folder.js'
import { type Database, TransactionDatabase } from '../database.js'
import { redactionKey } from '../redaction-keys.js'
import { holdTranscripts, inChunks, marks } from './saving.js'

export const inflated = promisify(inflate)

/** By what only this store knows: two stores over one folder do not take each other's files for orphans. */
async function shelfOf(database: Database, namespace: string): Promise<string> {
  const key = await redactionKey(database, namespace, randomBytes(32).toString('hex'))
  return hash('sha256', `bodies ${namespace} ${key}`)
}

/** Of these bodies those whose row says that they are in the folder. */
async function inFolder(database: Database, namespace: string, hashes: string[]): Promise<Set<string>> {
  const rows = await inChunks(hashes, (chunk) =>
    database.query<{ sha256: string }>(
      `select sha256 from ${database.tables.transcriptBodies}
       where namespace = ? and content is null and sha256 in (${marks(chunk)})`,
      [namespace, ...chunk],
    ),
  )
  return new Set(rows.map(({ sha256 }) => sha256))
}

/**
 * Before the transaction that names them, so that nobody waits for the disk; the hashes of those that no row has yet.
 * Until then they may go again: `ensureFiles` has the last word.
 */
export async function writeFilesAhead(database: Database, namespace: string, bodies: Body[]): Promise<string[]> {
  const { bodyFolder } = database.dialect
  if (!bodyFolder || bodies.length === 0) return []
  const hashes = bodies.map(({ hash }) => hash)
  const known = await inChunks(hashes, (chunk) =>
    database.query<{ sha256: string }>(
      `select sha256 from ${database.tables.transcriptBodies} where namespace = ? and sha256 in (${marks(chunk)})`,
      [namespace, ...chunk],
    ),
  )
  const unknown = new Map(bodies.map((body) => [body.hash, body]))
  for (const { sha256 } of known) unknown.delete(sha256)
  await bodyFolder.write(await shelfOf(database, namespace), [...unknown.values()]).catch((error: unknown) => {
    if (!isFileGone(error)) throw error
  })
  return [...unknown.keys()]
}

/** Behind the lock that whoever removes files takes too: what its row says to be in the folder is there. */
export async function ensureFiles(transaction: Database, namespace: string, bodies: Body[]): Promise<void> {
  const { bodyFolder } = transaction.dialect
  if (!bodyFolder || bodies.length === 0) return
  const hashes = bodies.map(({ hash }) => hash)
  const named = await inFolder(transaction, namespace, hashes)
  const shelf = await shelfOf(transaction, namespace)
  const missing: Body[] = []
  for (const body of bodies) {
    if (named.has(body.hash) && !(await bodyFolder.has(shelf, body.hash))) missing.push(body)
  }
  if (missing.length > 0) await bodyFolder.write(shelf, missing)
}

/**
 * The texts of files. One whose row went meanwhile is not among them.
 *
 * @throws {StorageError} when one is missing or damaged
 */
export async function readFiles(database: Database, namespace: string, hashes: string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  if (hashes.length === 0) return texts
  const bodyFolder = folderOf(database)
  const shelf = await shelfOf(database, namespace)
  const read = async (hash: string) => {
    const content = await bodyFolder.read(shelf, hash)
    if (content) texts.set(hash, await textOf(hash, content))
    return content !== undefined
  }
  const missing: string[] = []
  for (const hash of hashes) if (!(await read(hash))) missing.push(hash)
  for (const hash of await inFolder(database, namespace, missing)) {
    if (!(await read(hash))) throw damaged(hash, 'is missing in')
  }
  return texts
}

function folderOf({ dialect }: Database): BodyFolder {
  if (dialect.bodyFolder) return dialect.bodyFolder
  const message =
    'Long texts of this store are in a folder. Open it with the option transcripts.bodies, naming the folder.'
  throw new StorageError('STORAGE_FAILED', message)
}

async function textOf(name: string, content: Buffer): Promise<string> {
  const plain = await inflated(content).catch((error: unknown) => {
    throw damaged(name, 'is damaged in', error)
  })
  if (hash('sha256', plain) !== name) throw damaged(name, 'is another one in')
  return plain.toString('utf8')
}

const damaged = (hash: string, state: string, cause?: unknown) =>
  new DamagedTextError(hash, `${state} the folder of bodies`, cause)

/**
 * Removes the files that transactions which have ended left without a row, and those of `ahead` that came to none.
 * Inside a host's transaction nothing is removed: it may still bring the rows back.
 */
export async function removeFiles(database: Database, namespace: string, ahead: string[] = []): Promise<void> {
  const { bodyFolder } = database.dialect
  if (!bodyFolder || database instanceof TransactionDatabase) return
  const suspects = bodyFolder.suspectsOf(namespace)
  const named = await database.retrying('orphans', () => inFolder(database, namespace, ahead))
  const names = [...suspects, ...ahead.filter((hash) => !named.has(hash))]
  if (names.length > 0) await removeUnnamed(database, namespace, bodyFolder, names)
}

/** The same for all files of a namespace: what a process left that was killed, and what hosts' transactions left. */
export async function removeOrphanFiles(database: Database, namespace: string): Promise<void> {
  const { bodyFolder } = database.dialect
  if (!bodyFolder || database instanceof TransactionDatabase) return
  const shelf = await database.retrying('orphans', () => shelfOf(database, namespace))
  for await (const names of bodyFolder.names(shelf)) {
    const named = await database.retrying('orphans', () => inFolder(database, namespace, names))
    const orphans = names.filter((name) => !named.has(name))
    if (orphans.length > 0) await removeUnnamed(database, namespace, bodyFolder, orphans)
  }
}

/** Asked behind the lock of all writers: whoever suspected one has ended, and nobody can take it up at the same time. */
function removeUnnamed(database: Database, namespace: string, bodyFolder: BodyFolder, names: string[]): Promise<void> {
  return database.retrying('orphans', () =>
    database.transaction(async (transaction) => {
      await holdTranscripts(transaction, namespace)
      const named = await inFolder(transaction, namespace, names)
      const orphans = names.filter((name) => !named.has(name))
      await bodyFolder.remove(await shelfOf(transaction, namespace), orphans)
      bodyFolder.acquit(namespace, names)
    }),
  )
}
