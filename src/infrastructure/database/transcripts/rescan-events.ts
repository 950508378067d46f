import { summaryOf } from '../../../domain/transcripts/summary.js'
import type { ToldEvent } from '../../../domain/transcripts/transcript-repository.js'
import type { Database } from '../database.js'
import { type Body, bodiesOf, insertBodies, readBodies } from './bodies.js'
import { deleteUnused } from './evict-texts.js'
import { inChunks, marks } from './saving.js'
import type { Rescan } from './typeorm-transcript-rescan-repository.js'

type Counts = Record<string, number>

interface StoredEvent {
  id: string
  source_id: string
  tool: string | null
  tool_call_id: string | null
  summary: string
  body: string | null
  body_hash: string | null
}

/** An event as it is to be stored. */
interface Redacted {
  row: StoredEvent
  tool: string | null
  toolCallId: string | null
  summary: string
  body: string | null
}

const eventsAtOnce = 200

/** Redacts the events of a transcript, and counts what was hidden for the sources that had told it. */
export async function rescanEvents(
  database: Database,
  rescan: Rescan,
): Promise<{ eventsChanged: number; redactions: Counts }> {
  const ids = await database.query<{ id: string }>(
    `select id from ${database.tables.transcriptEvents} where transcript_id = ? order by id`,
    [rescan.id],
  )
  const bySource = new Map<string, Counts>()
  let eventsChanged = 0
  for (let start = 0; start < ids.length; start += eventsAtOnce) {
    const chunk = ids.slice(start, start + eventsAtOnce).map(({ id }) => id)
    for (const row of await storedEvents(database, chunk)) {
      const redacted = await redactedEvent(database, rescan, row, bySource)
      if (!redacted) continue
      eventsChanged++
      if (!rescan.dryRun) await saveEvent(database, rescan.namespace, redacted)
    }
  }
  if (!rescan.dryRun) await addToLinks(database, rescan.id, bySource)
  return { eventsChanged, redactions: summed(bySource.values()) }
}

const storedEvents = (database: Database, ids: string[]) =>
  inChunks(ids, (chunk) =>
    database.query<StoredEvent>(
      `select id, source_id, tool, tool_call_id, summary, body, body_hash from ${database.tables.transcriptEvents}
       where id in (${marks(chunk)}) order by id`,
      chunk,
    ),
  )

/** Undefined where nothing of it changes. One text at a time is held. */
async function redactedEvent(
  database: Database,
  { namespace, texts }: Rescan,
  row: StoredEvent,
  bySource: Map<string, Counts>,
): Promise<Redacted | undefined> {
  const counts = bySource.get(row.source_id) ?? {}
  bySource.set(row.source_id, counts)
  const given = row.body ?? (await bodyOf(database, namespace, row.body_hash))
  const body = given === null ? null : texts.pass(given, counts)
  const summary = body === given ? texts.pass(row.summary, body === null ? counts : {}) : summaryOf(body ?? '')
  const tool = row.tool === null ? null : texts.name(row.tool)
  const toolCallId = row.tool_call_id === null ? null : texts.name(row.tool_call_id)
  const isSame = body === given && summary === row.summary && tool === row.tool && toolCallId === row.tool_call_id
  return isSame ? undefined : { row, tool, toolCallId, summary, body }
}

async function bodyOf(database: Database, namespace: string, hash: string | null): Promise<string | null> {
  if (hash === null) return null
  return (await readBodies(database, namespace, [hash])).get(hash) ?? null
}

async function saveEvent(transaction: Database, namespace: string, event: Redacted): Promise<void> {
  const { row, tool, toolCallId, summary, body } = event
  const { transcriptEvents, searchEntries } = transaction.tables
  const apart = body === null ? undefined : await bodyApart(body)
  if (apart) await insertBodies(transaction, namespace, [apart])
  await transaction.query(
    `update ${transcriptEvents} set tool = ?, tool_call_id = ?, summary = ?, body = ?, body_hash = ?${body === null ? '' : ', body_bytes = ?'}
     where id = ?`,
    [
      ...[tool, toolCallId, summary, apart ? null : body, apart?.hash ?? null],
      ...(body === null ? [] : [Buffer.byteLength(body)]),
      row.id,
    ],
  )
  // It is found again when its transcript is put in order.
  await transaction.query(`delete from ${searchEntries} where transcript_event_id = ?`, [row.id])
  if (row.body_hash !== null && row.body_hash !== apart?.hash)
    await deleteUnused(transaction, namespace, [row.body_hash])
}

async function bodyApart(body: string): Promise<Body | undefined> {
  const [apart] = (await bodiesOf([{ body } as ToldEvent])).values()
  return apart
}

/** A transcript's own count is the sum of those of its sources. */
async function addToLinks(transaction: Database, id: string, bySource: ReadonlyMap<string, Counts>): Promise<void> {
  const { transcriptLinks } = transaction.tables
  for (const [source, counts] of bySource) {
    if (Object.keys(counts).length === 0) continue
    const which = 'source_id = ? and transcript_id = ?'
    const [link] = await transaction.query<{ redactions: string }>(
      `select redactions from ${transcriptLinks} where ${which}`,
      [source, id],
    )
    const sums = summed([JSON.parse(link?.redactions ?? '{}') as Counts, counts])
    await transaction.query(`update ${transcriptLinks} set redactions = ? where ${which}`, [
      JSON.stringify(sums),
      source,
      id,
    ])
  }
}

function summed(all: Iterable<Counts>): Counts {
  const sums: Counts = {}
  for (const counts of all) for (const [kind, count] of Object.entries(counts)) sums[kind] = (sums[kind] ?? 0) + count
  return sums
}
