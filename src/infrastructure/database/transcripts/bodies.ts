import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, deflate } from 'node:zlib'
import { DamagedTextError } from '../../../domain/transcripts/damaged-text.js'
import type { ToldEvent } from '../../../domain/transcripts/ingest-repository.js'
import type { Body } from '../body-folder.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { ensureFiles, inflated, readFiles } from './body-files.js'

const deflated = promisify(deflate)

/** Longer texts are kept apart, compressed, once for all who say the same. */
export const maxInlineLength = 4096
const level = constants.Z_BEST_SPEED
/** Parameters of one statement are copied: large texts go a few at a time. */
const maxStatementBytes = 4 * 1024 * 1024

/** The texts that are kept apart, by event; compressed beside what else the process does. */
export async function bodiesOf(events: ToldEvent[]): Promise<Map<ToldEvent, Body>> {
  const long = events.filter(({ body }) => body.length > maxInlineLength)
  const bodies = await Promise.all(long.map(async (event) => [event, await bodyOf(event.body)] as const))
  return new Map(bodies)
}

/** A text as it is kept apart. */
export async function bodyOf(text: string): Promise<Body> {
  const plain = Buffer.from(text)
  const content = await deflated(plain, { level })
  return { hash: hash('sha256', plain), bytes: plain.length, content }
}

/** Those that are there already stay as they are; new ones go into the folder, where there is one. */
export async function insertBodies(transaction: Database, namespace: string, bodies: Iterable<Body>): Promise<void> {
  const distinct = new Map([...bodies].map((body) => [body.hash, body]))
  const isInFolder = transaction.dialect.bodyFolder !== undefined
  let rows: unknown[][] = []
  let bytes = 0
  const write = async () => {
    await insertRows(transaction, transaction.tables.transcriptBodies, columns, rows, 'on conflict do nothing')
    rows = []
    bytes = 0
  }
  for (const { hash, bytes: length, content } of [...distinct.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1))) {
    rows.push([namespace, hash, length, content.length, isInFolder ? null : content])
    bytes += isInFolder ? 0 : content.length
    if (bytes > maxStatementBytes) await write()
  }
  await write()
  await ensureFiles(transaction, namespace, [...distinct.values()])
}

const columns = 'namespace, sha256, bytes, stored_bytes, content'

/** The texts under these hashes, as far as they are still there, each from where its row says that it is. */
export async function readBodies(
  database: Database,
  namespace: string,
  hashes: string[],
): Promise<Map<string, string>> {
  if (hashes.length === 0) return new Map()
  const rows = await database.query<{ sha256: string; content: Buffer | null }>(
    `select sha256, content from ${database.tables.transcriptBodies}
     where namespace = ? and sha256 in (${hashes.map(() => '?').join(', ')})`,
    [namespace, ...hashes],
  )
  const apart = rows.filter(({ content }) => content === null).map(({ sha256 }) => sha256)
  const texts = await readFiles(database, namespace, apart)
  for (const { sha256, content } of rows) {
    if (content !== null) texts.set(sha256, await textOf(sha256, content))
  }
  return texts
}

async function textOf(hash: string, content: Buffer): Promise<string> {
  const plain = await inflated(content).catch((error: unknown) => {
    throw new DamagedTextError(hash, 'is damaged in the database', error)
  })
  return plain.toString('utf8')
}
