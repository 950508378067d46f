import { noFigures, type TranscriptFigures } from '../../../domain/transcripts/transcript.js'
import type { Database } from '../database.js'
import { marks } from './saving.js'

/** What the events that count come to. */
export interface EventSums {
  figures: TranscriptFigures
  lastSeq: number
  first: number | null
  last: number | null
}

interface KindRow {
  transcript_id: string
  kind: keyof TranscriptFigures['events']
  count: number | string
  prompts: number | string
  calls: number | string
  results: number | string
  errors: number | string
  first: number | string | null
  last: number | string | null
}

export const noSums = (): EventSums => ({ figures: noFigures(), lastSeq: 0, first: null, last: null })

export async function eventSums(transaction: Database, ids: string[]): Promise<Map<string, EventSums>> {
  const heard = `from ${transaction.tables.transcriptEvents} where transcript_id in (${marks(ids)}) and seq is not null`
  const rows = await transaction.query<KindRow>(
    `select transcript_id, kind, count(*) as count,
       sum(case when kind = 'user_msg' and is_sidechain = 0 then 1 else 0 end) as prompts,
       sum(case when role = 'assistant' and tool is not null then 1 else 0 end) as calls,
       sum(case when role = 'tool' then 1 else 0 end) as results, sum(is_error) as errors, min(ts) as first, max(ts) as last
     ${heard} group by transcript_id, kind order by transcript_id, kind`,
    ids,
  )
  const sums = new Map<string, EventSums>()
  for (const row of rows) {
    const sum = sums.get(row.transcript_id) ?? noSums()
    sums.set(row.transcript_id, sum)
    addKind(sum, row)
  }
  const messages = await transaction.query<{ transcript_id: string; count: number | string }>(
    `select transcript_id, count(distinct message_key) as count ${heard} group by transcript_id`,
    ids,
  )
  for (const { transcript_id, count } of messages) {
    const sum = sums.get(transcript_id)
    if (sum) sum.figures.assistantMessages = Number(count)
  }
  return sums
}

function addKind(sum: EventSums, row: KindRow): void {
  const { figures } = sum
  figures.events[row.kind] = Number(row.count)
  figures.userPrompts += Number(row.prompts)
  figures.toolCalls += Number(row.calls)
  figures.toolResults += Number(row.results)
  figures.toolErrors += Number(row.errors)
  sum.lastSeq += Number(row.count)
  const [first, last] = [row.first, row.last].map((time) => (time === null ? null : Number(time)))
  if (first != null) sum.first = Math.min(first, sum.first ?? first)
  if (last != null) sum.last = Math.max(last, sum.last ?? last)
}

/** Adds counts up, by name. */
export function summed<Sums extends object>(sums: Sums, all: Iterable<Sums>): Sums {
  const into = sums as Record<string, number>
  for (const each of all)
    for (const [name, count] of Object.entries(each)) into[name] = (into[name] ?? 0) + Number(count)
  return sums
}
