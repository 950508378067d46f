import { type ActivityFacts, activityFacts } from '../../../domain/transcripts/activity-facts.js'
import type { TextPass } from '../../../domain/transcripts/rescan-repository.js'
import { summaryOf } from '../../../domain/transcripts/summary.js'
import type { TranscriptEventKind, TranscriptRole } from '../../../domain/transcripts/transcript-event.js'
import type { Database } from '../database.js'
import { bodyOf, insertBodies, maxInlineLength, readBodies } from './bodies.js'
import { summed } from './event-sums.js'
import { deleteUnused } from './evict-texts.js'
import { inChunks, marks } from './saving.js'

/** What is looked through, and by which rules. */
export interface Rescan {
  namespace: string
  id: string
  texts: TextPass
  dryRun: boolean
}

type Counts = Record<string, number>

interface StoredEvent {
  id: string
  source_id: string
  kind: TranscriptEventKind
  role: TranscriptRole
  tool: string | null
  tool_call_id: string | null
  summary: string
  body: string | null
  body_hash: string | null
  activity: string | null
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
  return { eventsChanged, redactions: summed<Counts>({}, bySource.values()) }
}

const storedEvents = (database: Database, ids: string[]) =>
  inChunks(ids, (chunk) =>
    database.query<StoredEvent>(
      `select id, source_id, kind, role, tool, tool_call_id, summary, body, body_hash, activity from ${database.tables.transcriptEvents}
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
  const given = row.body ?? (await textUnder(database, namespace, row.body_hash))
  const redacted = { row, ...redactedNames(row, texts), ...redactedText(row.summary, given, texts, counts) }
  return isSame(redacted, row, given) ? undefined : redacted
}

function redactedNames({ tool, tool_call_id: id }: StoredEvent, texts: TextPass) {
  return { tool: tool === null ? null : texts.name(tool), toolCallId: id === null ? null : texts.name(id) }
}

/** The summary of a text follows from it; without one it stands for itself. */
function redactedText(summary: string, given: string | null, texts: TextPass, counts: Counts) {
  if (given === null) return { body: null, summary: texts.pass(summary, counts) as string }
  const body: string = texts.pass(given, counts)
  return { body, summary: body === given ? texts.pass(summary, {}) : summaryOf(body) }
}

const isSame = (one: Redacted, row: StoredEvent, given: string | null) =>
  one.body === given && one.summary === row.summary && one.tool === row.tool && one.toolCallId === row.tool_call_id

async function textUnder(database: Database, namespace: string, hash: string | null): Promise<string | null> {
  if (hash === null) return null
  return (await readBodies(database, namespace, [hash])).get(hash) ?? null
}

async function saveEvent(transaction: Database, namespace: string, event: Redacted): Promise<void> {
  const { row, tool, toolCallId, summary } = event
  const { transcriptEvents, searchEntries } = transaction.tables
  await transaction.query(
    `update ${transcriptEvents} set tool = ?, tool_call_id = ?, summary = ?, activity = ? where id = ?`,
    [tool, toolCallId, summary, activityOf(event), row.id],
  )
  if (event.body !== null) await saveText(transaction, namespace, row, event.body)
  // It is found again when its transcript is put in order.
  await transaction.query(`delete from ${searchEntries} where transcript_event_id = ?`, [row.id])
}

/** It follows from the text; without one it stands for itself. */
function activityOf({ row, tool, body }: Redacted): string | null {
  if (row.activity === null || body === null) return row.activity
  const { cwd, resultSize } = JSON.parse(row.activity) as ActivityFacts
  const { kind, role } = row
  return JSON.stringify(activityFacts({ kind, role, tool: tool ?? undefined, body, resultSize }, cwd)) ?? null
}

async function saveText(transaction: Database, namespace: string, row: StoredEvent, text: string): Promise<void> {
  const apart = text.length > maxInlineLength ? await bodyOf(text) : undefined
  if (apart) await insertBodies(transaction, namespace, [apart])
  await transaction.query(
    `update ${transaction.tables.transcriptEvents} set body = ?, body_hash = ?, body_bytes = ? where id = ?`,
    [...(apart ? [null, apart.hash] : [text, null]), Buffer.byteLength(text), row.id],
  )
  if (row.body_hash !== null && row.body_hash !== apart?.hash)
    await deleteUnused(transaction, namespace, [row.body_hash])
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
    const sums = summed<Counts>({}, [JSON.parse(link?.redactions ?? '{}') as Counts, counts])
    await transaction.query(`update ${transcriptLinks} set redactions = ? where ${which}`, [
      JSON.stringify(sums),
      source,
      id,
    ])
  }
}
