import type { ToldEvent, TranscriptBatch } from '../../../domain/transcripts/ingest-repository.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { writeSearchEntries } from '../search-entries.js'
import { type EventSaving, inChunks, marks, transcriptIdOf } from './saving.js'
import { type EntryPlace, transcriptEventEntry } from './transcript-entries.js'

const eventColumns = [
  'id, namespace, transcript_id, source_id, event_key, record_key, parent_key, file, place, is_copied, seq, ts, told_ts',
  'is_time_inherited, kind, role, tool, tool_call_id, message_key, voice_of, voice_rank, join_key, summary',
  'body, body_hash, body_bytes, is_sidechain, is_error, told_error, activity, is_evicted',
].join(', ')

interface Placed {
  event: ToldEvent
  batch: TranscriptBatch
  transcriptId: string
  seq: number | null
}

/**
 * Inserts events, and what search finds of them. They are numbered as they will be if nothing but the
 * file's own order decides, so that mostly nothing is left to change when they are put in order.
 */
export async function insertEvents(
  transaction: Database,
  batches: TranscriptBatch[],
  ids: ReadonlyMap<string, string>,
  saving: EventSaving,
): Promise<void> {
  const placed = batches.flatMap((batch) =>
    batch.events.map((event): Placed => ({ event, batch, transcriptId: transcriptIdOf(ids, batch, event), seq: null })),
  )
  if (placed.length === 0) return
  await deleteToldAgain(transaction, batches, ids)
  const transcripts = await transcriptsOf(transaction, placed)
  number(placed, transcripts)
  const rows = placed.map((each) => eventParameters(each, saving))
  await insertRows(transaction, transaction.tables.transcriptEvents, eventColumns, rows)
  const heard = placed.filter(({ seq, event }) => seq !== null && !saving.withheld.has(event))
  await writeSearchEntries(
    transaction,
    saving.namespace,
    heard.map(({ event, transcriptId }) => transcriptEventEntry(event, transcripts.get(transcriptId) ?? nowhere)),
  )
}

/** A record that a file repeats takes the place of the earlier one, under its keys. */
async function deleteToldAgain(transaction: Database, batches: TranscriptBatch[], ids: ReadonlyMap<string, string>) {
  for (const batch of batches.filter(({ after, isFromStart }) => after !== undefined && !isFromStart)) {
    for (const link of batch.links) {
      const keys = batch.events.filter(({ nativeId }) => nativeId === link.nativeId).map(({ eventKey }) => eventKey)
      await inChunks(keys, (chunk) =>
        transaction.query(
          `delete from ${transaction.tables.transcriptEvents}
           where source_id = ? and transcript_id = ? and event_key in (${marks(chunk)})`,
          [batch.source.id, transcriptIdOf(ids, batch, link), ...chunk],
        ),
      )
    }
  }
}

/** Of two voices the second is taken for the one that counts. */
const likelyRank = 2

function number(placed: Placed[], transcripts: Map<string, TranscriptRow>): void {
  const last = new Map([...transcripts].map(([id, row]) => [id, row.last ?? 0]))
  for (const each of placed) {
    const { voice } = each.event
    if (voice && voice.rank < likelyRank) continue
    each.seq = (last.get(each.transcriptId) ?? 0) + 1
    last.set(each.transcriptId, each.seq)
  }
}

interface TranscriptRow extends EntryPlace {
  id: string
  last: number | null
}

const nowhere: EntryPlace = { project: null, cwd: null }

async function transcriptsOf(transaction: Database, placed: Placed[]): Promise<Map<string, TranscriptRow>> {
  const rows = await inChunks([...new Set(placed.map(({ transcriptId }) => transcriptId))], (chunk) =>
    transaction.query<TranscriptRow>(
      `select id, project, cwd,
         (select max(seq) from ${transaction.tables.transcriptEvents} e where e.transcript_id = t.id) as last
       from ${transaction.tables.transcripts} t where id in (${marks(chunk)})`,
      chunk,
    ),
  )
  return new Map(rows.map((row) => [row.id, row]))
}

const flag = (truth: boolean) => (truth ? 1 : 0)

function eventParameters({ event, batch, transcriptId, seq }: Placed, saving: EventSaving): unknown[] {
  const { id, eventKey, recordKey, parentKey, file, place, isCopied, ts, isTimeInherited, kind, role } = event
  const { tool, toolCallId, messageKey, voice, joinKey, summary, isSidechain, isError } = event
  return [
    ...[id, saving.namespace, transcriptId, batch.source.id, eventKey, recordKey, parentKey, file, place],
    ...[flag(isCopied), seq, ts, ts, flag(isTimeInherited), kind, role, tool, toolCallId, messageKey],
    ...(voice ? [voice.of, voice.rank] : [null, null]),
    ...[joinKey, summary, ...bodyParameters(event, saving), flag(isSidechain), flag(isError), flag(isError)],
    event.activity === undefined ? null : JSON.stringify(event.activity),
    flag(saving.evicted.has(event)),
  ]
}

function bodyParameters(event: ToldEvent, { bodies, withheld }: EventSaving): unknown[] {
  if (withheld.has(event)) return [null, null, Buffer.byteLength(event.body)]
  const apart = bodies.get(event)
  return apart ? [null, apart.hash, apart.bytes] : [event.body, null, Buffer.byteLength(event.body)]
}
