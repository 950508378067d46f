import { callIdentity, idPart, shortId, unnamedCallIdentity } from '../../../domain/native-ids.js'
import type { ToldActivity } from '../../../domain/told-activity.js'
import type { ActivityFacts } from '../../../domain/transcripts/activity-facts.js'
import type { TranscriptEventKind } from '../../../domain/transcripts/transcript-event.js'
import type { ActivityFeed } from '../activity-feed.js'
import type { Database } from '../database.js'
import { inChunks, marks } from './saving.js'

const pageRows = 2_000
const atOnce = 500

/** An event that tells of activity, with what was read of its arguments. */
type Row = Omit<StoredRow, 'activity'> & { facts: ActivityFacts | undefined }

interface StoredRow {
  transcript_id: string
  flavor: string
  native_id: string
  discovered_at: number | string
  seq: number
  ts: number | string | null
  kind: TranscriptEventKind
  role: string
  tool: string | null
  tool_call_id: string | null
  event_key: string
  activity: string | null
  summary: string
  body_bytes: number
  is_error: number
}

interface Feeding {
  namespace: string
  feed: ActivityFeed
  /** What is hidden now is hidden in activity, too. */
  isRescan: boolean
}

/**
 * What these transcripts tell now is what activity says of them, in the transaction that puts them in
 * order. Of what they tell no more another one may tell: that one is put in order again.
 */
export async function feedActivity(
  transaction: Database,
  ids: string[],
  { namespace, feed, isRescan }: Feeding,
): Promise<void> {
  const { fed, unfed } = await fedAmong(transaction, ids)
  const gone = fed.length > 0 ? await feed(transaction, fed, toldActivity(transaction, fed)) : []
  if (isRescan && unfed.length > 0)
    gone.push(...(await feed(transaction, unfed, toldActivity(transaction, unfed), true)))
  const named = [...new Set(gone.map((nativeId) => decodeURIComponent(nativeId.split(':')[1] ?? '')))]
  await unsettle(transaction, namespace, toldOfCall, named)
  await unsettle(transaction, namespace, toldOfCorrection, named)
}

/** As their indexes have them: what is known in one session alone no other transcript tells. */
const toldOfCall = `role = 'assistant' and octet_length(tool_call_id) between 20 and 1000 and tool_call_id`
const toldOfCorrection = `kind = 'human_intervention' and event_key`

async function unsettle(transaction: Database, namespace: string, told: string, named: string[]): Promise<void> {
  const { transcripts, transcriptEvents } = transaction.tables
  await inChunks(named, (chunk) =>
    transaction.query(
      `update ${transcripts} set is_settled = 0 where id in (select transcript_id from ${transcriptEvents}
         where namespace = ? and seq is not null and ${told} in (${marks(chunk)}))`,
      [namespace, ...chunk],
    ),
  )
}

/** What is held or evicted stays as it was when no source tells of it any more; and of some nothing is to be told. */
async function fedAmong(transaction: Database, ids: string[]): Promise<{ fed: string[]; unfed: string[] }> {
  const { transcripts, transcriptLinks } = transaction.tables
  const rows = await transaction.query<{ id: string; is_fed: number; is_told: number }>(
    `select id, is_fed, case when exists (select 1 from ${transcriptLinks} l where l.transcript_id = t.id)
       then 1 else 0 end as is_told from ${transcripts} t where id in (${marks(ids)})`,
    ids,
  )
  const isLeft = (id: string) => rows.some((row) => row.id === id && (row.is_told === 0 || row.is_fed === 0))
  const unfed = rows.filter((row) => row.is_told === 1 && row.is_fed === 0)
  return { fed: ids.filter((id) => !isLeft(id)), unfed: unfed.map(({ id }) => id) }
}

/** What happened, as far as these transcripts tell of it: calls of tools, files that they changed, corrections. */
async function* toldActivity(transaction: Database, ids: string[]): AsyncGenerator<ToldActivity[]> {
  let telling = new Telling()
  const told: ToldActivity[] = []
  for await (const rows of tellingRows(transaction, ids)) {
    for (const row of rows) {
      if (telling.transcriptId !== row.transcript_id) {
        addAll(told, telling.rest())
        telling = new Telling(row.transcript_id)
      }
      addAll(told, telling.take(row))
    }
    while (told.length >= atOnce) yield told.splice(0, atOnce)
  }
  addAll(told, telling.rest())
  while (told.length > 0) yield told.splice(0, atOnce)
}

/** One by one: a transcript may have more open calls than a function takes arguments. */
function addAll(told: ToldActivity[], more: ToldActivity[]): void {
  for (const each of more) told.push(each)
}

/** Page by page: row by row would cost a turn of the queue for each. */
async function* tellingRows(transaction: Database, ids: string[]): AsyncGenerator<Row[]> {
  const { transcriptEvents, transcripts } = transaction.tables
  let last: StoredRow | undefined
  do {
    const after: unknown[] = last ? [last.transcript_id, last.seq] : ['', 0]
    const rows: StoredRow[] = await transaction.query<StoredRow>(
      `select e.transcript_id, t.flavor, t.native_id, t.discovered_at, e.seq, e.ts, e.kind, e.role, e.tool,
         e.tool_call_id, e.event_key, e.activity, e.summary, e.body_bytes, e.is_error
       from ${transcriptEvents} e join ${transcripts} t on t.id = e.transcript_id
       where e.transcript_id in (${marks(ids)}) and e.seq is not null
         and (e.activity is not null or e.role = 'tool') and (e.transcript_id, e.seq) > (?, ?)
       order by e.transcript_id, e.seq limit ${pageRows}`,
      [...ids, ...after],
    )
    yield rows.map(({ activity, ...row }) => ({ ...row, facts: factsIn(activity) }))
    last = rows.length === pageRows ? rows.at(-1) : undefined
  } while (last)
}

/** One transcript, event by event; holds the calls that have no result yet. */
class Telling {
  private readonly calls = new Map<string, Row>()
  private lastTs: Row['ts'] = null

  constructor(readonly transcriptId?: string) {}

  take(row: Row): ToldActivity[] {
    this.lastTs = row.ts ?? this.lastTs
    row.ts = this.lastTs
    const corrections = row.facts?.content === undefined ? [] : [correctionOf(row, row.facts.content)]
    if (row.role === 'tool') return [...this.answered(row), ...corrections]
    if (row.role !== 'assistant') return corrections
    if (row.tool_call_id === null) return [callOf(row, undefined)]
    this.calls.set(row.tool_call_id, row)
    return []
  }

  /** Calls that nothing answered. */
  rest(): ToldActivity[] {
    return [...this.calls.values()].map((call) => callOf(call, undefined))
  }

  private answered(result: Row): ToldActivity[] {
    const call = this.calls.get(result.tool_call_id ?? '')
    if (!call) return []
    this.calls.delete(call.tool_call_id ?? '')
    const hasChangedFiles = call.kind === 'edit' && result.is_error === 0
    return [callOf(call, result), ...(hasChangedFiles ? filesOf(call) : [])]
  }
}

const factsIn = (activity: string | null) => (activity === null ? undefined : (JSON.parse(activity) as ActivityFacts))

const identityOf = ({ flavor, native_id, tool_call_id, event_key }: Row) =>
  tool_call_id === null
    ? unnamedCallIdentity(flavor, native_id, event_key)
    : callIdentity(flavor, native_id, tool_call_id)

function callOf(call: Row, result: Row | undefined): ToldActivity {
  const { argsHash, files = [] } = call.facts ?? {}
  const payload = { ...(argsHash !== undefined && { argsHash }), ...(result && outcomeOf(result)) }
  const state = result?.is_error === 1 ? 'failed' : null
  const nativeId = shortId(identityOf(call))
  return { ...placeOf(call, payload), kind: 'tool', nativeId, path: files[0] ?? null, name: call.tool, state }
}

/** Of a failure one line of what it said, as it passed the redaction. */
function outcomeOf(result: Row) {
  const { is_error, summary } = result
  const { resultSize = result.body_bytes } = result.facts ?? {}
  if (is_error === 0) return { success: true, resultSize }
  return { success: false, resultSize, ...(summary !== '' && { error: summary }) }
}

function filesOf(call: Row): ToldActivity[] {
  const { files = [] } = call.facts ?? {}
  return files.map((path) => {
    const nativeId = shortId(`${identityOf(call)}:${idPart(path)}`)
    return { ...placeOf(call, { op: 'write' }), kind: 'file', nativeId, path, name: call.tool, state: null }
  })
}

function correctionOf(row: Row, content: string): ToldActivity {
  const nativeId = shortId(`${row.flavor}:${row.event_key}`)
  const place = placeOf(row, { content, source: 'transcript' })
  return { ...place, kind: 'correction', nativeId, path: null, name: null, state: null }
}

/** What nothing dates happened when the store came to know of it. */
function placeOf(row: Row, payload: ToldActivity['payload']) {
  const { transcript_id: transcriptId, native_id: sessionId, ts, discovered_at } = row
  const dated = ts === null ? { ...payload, tsFrom: 'file' } : payload
  const at = { ts: new Date(Number(ts ?? discovered_at)), payload: dated }
  return { ...at, transcriptId, sessionId, projectId: row.facts?.cwd ?? null }
}
