import { setImmediate } from 'node:timers/promises'
import type { Database } from '../database.js'
import { inChunks, marks } from './saving.js'

const hasText = '(body is not null or body_hash is not null)'

/** What `isEvictable` asks of a digest, and that nothing is under way. */
const isComplete = 'is_settled = 1 and is_analyzed = 1 and digest_version is not null and through_seq = last_seq'

/** Lets all texts of a transcript go; the bytes, or undefined where it is not evictable any more. */
export async function evictTexts(
  transaction: Database,
  { namespace, id }: { namespace: string; id: string },
  now: Date,
  isLastResort: boolean,
): Promise<number | undefined> {
  const { transcripts, transcriptEvents } = transaction.tables
  const mayGo = `evicted_at is null and hold_reason is null ${isLastResort ? '' : `and ${isComplete}`}`
  const [marked] = await transaction.query(
    `update ${transcripts} set evicted_at = ?, has_evicted = 1, evicted_digest = null, text_bytes = 0
     where id = ? and namespace = ? and ${mayGo} returning id`,
    [now.getTime(), id, namespace],
  )
  if (!marked) return undefined
  const events = await transaction.query<{ id: string; inline_bytes: number; body_hash: string | null }>(
    `select id, case when body is null then 0 else body_bytes end as inline_bytes, body_hash
     from ${transcriptEvents} where transcript_id = ? and ${hasText}`,
    [id],
  )
  await emptyEvents(
    transaction,
    events.map((event) => event.id),
  )
  const hashes = [...new Set(events.flatMap(({ body_hash }) => body_hash ?? []))]
  const { bytes } = await deleteUnused(transaction, namespace, hashes)
  return events.reduce((sum, event) => sum + event.inline_bytes, bytes)
}

/** Timers and sockets get their turns between a few rows and the next. */
const emptiedAtOnce = 100

async function emptyEvents(transaction: Database, ids: string[]): Promise<void> {
  const { transcriptEvents, searchEntries } = transaction.tables
  const set = 'body = null, body_hash = null, is_evicted = 1'
  for (let start = 0; start < ids.length; start += emptiedAtOnce) {
    const chunk = ids.slice(start, start + emptiedAtOnce)
    await transaction.query(`delete from ${searchEntries} where transcript_event_id in (${marks(chunk)})`, chunk)
    await transaction.dialect.emptyRows(transaction, transcriptEvents, set, chunk)
    await setImmediate()
  }
}

/** Of these bodies, those that no event refers to. */
export async function deleteUnused(transaction: Database, namespace: string, hashes: string[]) {
  const { transcriptBodies: bodies, transcriptEvents: events } = transaction.tables
  const gone = await inChunks(hashes, (chunk) =>
    transaction.query<{ sha256: string; bytes: number }>(
      `delete from ${bodies} where namespace = ? and sha256 in (${marks(chunk)}) and not exists (
         select 1 from ${events} e where e.namespace = ${bodies}.namespace and e.body_hash = ${bodies}.sha256)
       returning sha256, stored_bytes as bytes`,
      [namespace, ...chunk],
    ),
  )
  const removed = gone.map(({ sha256 }) => sha256)
  transaction.dialect.bodyFolder?.suspect(namespace, removed)
  return { bodies: gone.length, bytes: gone.reduce((sum, { bytes }) => sum + Number(bytes), 0) }
}

/** What the inline texts of transcripts take, by id. */
export async function inlineBytes(database: Database, ids: string[]): Promise<Map<string, number>> {
  const rows = await inChunks(ids, (chunk) =>
    database.query<{ id: string; bytes: number | string }>(
      `select transcript_id as id, sum(body_bytes) as bytes from ${database.tables.transcriptEvents}
       where transcript_id in (${marks(chunk)}) and body is not null group by transcript_id`,
      chunk,
    ),
  )
  return new Map(rows.map(({ id, bytes }) => [id, Number(bytes)]))
}

/** After events came or went: what their texts take now, and whether all that was evicted is back. */
export async function settleTexts(transaction: Database, ids: string[]): Promise<void> {
  const { transcripts, transcriptEvents, transcriptEvictions } = transaction.tables
  await transaction.query(
    `update ${transcripts} as t set text_bytes = coalesce((select sum(e.body_bytes) from ${transcriptEvents} e
       where e.transcript_id = t.id and e.body is not null), 0) where t.id in (${marks(ids)})`,
    ids,
  )
  const evicted = await transaction.query<Record<'texts' | 'gaps' | 'kept', number | string> & { id: string }>(
    `select t.id, (select count(*) from ${transcriptEvents} e where e.transcript_id = t.id and ${hasText}) as texts,
       (select count(*) from ${transcriptEvents} e where e.transcript_id = t.id and e.seq is not null and not ${hasText}) as gaps,
       (select count(*) from ${transcriptEvictions} k where k.transcript_id = t.id) as kept
     from ${transcripts} t where t.id in (${marks(ids)}) and t.has_evicted = 1`,
    ids,
  )
  for (const { id, texts, gaps, kept } of evicted) {
    // Without any text, what went may yet be told again, and is to come without.
    const isBack = Number(gaps) === 0 && (Number(texts) > 0 || Number(kept) === 0)
    if (Number(texts) > 0 || isBack) await reopen(transaction, id)
    if (isBack) await bringBack(transaction, id)
  }
}

/** It has texts again: those that are new since. */
function reopen(transaction: Database, id: string): Promise<unknown> {
  return transaction.query(
    `update ${transaction.tables.transcripts} set evicted_at = null, generation = generation + 1
     where id = ? and evicted_at is not null`,
    [id],
  )
}

/** Nothing is missing any more: its digest is made of its texts alone, as if they never had gone. */
async function bringBack(transaction: Database, id: string): Promise<void> {
  const { transcripts, transcriptEvents, transcriptEvictions } = transaction.tables
  await transaction.query(`update ${transcriptEvents} set is_evicted = 0 where transcript_id = ? and is_evicted = 1`, [
    id,
  ])
  await transaction.query(`delete from ${transcriptEvictions} where transcript_id = ?`, [id])
  await transaction.query(`update ${transcripts} set has_evicted = 0, evicted_digest = null where id = ?`, [id])
}

/** Before rows of sources go: which of them had lost their texts, so that they come again without. */
export async function rememberEvicted(transaction: Database, condition: string, values: string[]): Promise<void> {
  const { transcriptEvents, transcriptEvictions } = transaction.tables
  await transaction.query(
    `insert into ${transcriptEvictions} (transcript_id, event_key)
     select distinct transcript_id, event_key from ${transcriptEvents} where ${condition} and is_evicted = 1
     on conflict do nothing`,
    values,
  )
}

/** All that is left of these transcripts was asked back: what is not here now is waited for no more. */
export async function forgetEvicted(transaction: Database, ids: string[]): Promise<void> {
  await inChunks(ids, (chunk) =>
    transaction.query(
      `delete from ${transaction.tables.transcriptEvictions} where transcript_id in (${marks(chunk)})`,
      chunk,
    ),
  )
}

/** `<transcript> <key>` of the events of these transcripts whose texts were evicted, whichever source told them. */
export async function evictedKeys(transaction: Database, ids: string[]): Promise<Set<string>> {
  const { transcripts, transcriptEvents, transcriptEvictions } = transaction.tables
  const touched = await inChunks(ids, (chunk) =>
    transaction.query<{ id: string }>(
      `select id from ${transcripts} where id in (${marks(chunk)}) and has_evicted = 1`,
      chunk,
    ),
  )
  const keys = await inChunks(
    touched.map(({ id }) => id),
    (chunk) =>
      transaction.query<{ transcript_id: string; event_key: string }>(
        `select transcript_id, event_key from ${transcriptEvents} where transcript_id in (${marks(chunk)}) and is_evicted = 1
       union select transcript_id, event_key from ${transcriptEvictions} where transcript_id in (${marks(chunk)})`,
        [...chunk, ...chunk],
      ),
  )
  return new Set(keys.map(({ transcript_id, event_key }) => `${transcript_id} ${event_key}`))
}
