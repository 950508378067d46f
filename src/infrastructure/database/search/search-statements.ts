import type { SearchHit, SearchRequest } from '../../../domain/search/search-index.js'
import type { Condition } from '../keyset.js'
import { foundMessage, type MessageRow, messageColumns } from './message-hits.js'

/** More matches than this are not ranked: the newest are given first. */
export const manyMatches = 20_000

/** On the entries' own instants, under the name `e`. */
export function recordedWithin({ since, until }: SearchRequest): Condition[] {
  const conditions: Condition[] = []
  if (since) conditions.push(['e.at >= ?', since.getTime()])
  if (until) conditions.push(['e.at < ?', until.getTime()])
  return conditions
}

/** What a score is multiplied by: 1 for what is new, a half at the half-life, and never 0. */
export function recencyFactor({ recency }: SearchRequest): Condition | undefined {
  if (!recency) return undefined
  const { halfLifeMs, now } = recency
  // As one fraction of floats; the future is as good as new.
  const age = '(? - e.at)'
  return [
    ` * ? / (? + case when ${age} > 0 then ${age} else 0 end)`,
    halfLifeMs,
    halfLifeMs,
    now.getTime(),
    now.getTime(),
  ]
}

const ownerIds = 'e.message_id, e.event_id, e.transcript_event_id, e.transcript_id'

/** What a hit takes of its entry, under the name `e`. */
export const entryColumns = `e.namespace, e.kind, ${ownerIds}, e.anchor, e.at`

/** Few: for each column of each hit the driver makes a value. */
const hitColumns = `e.namespace, e.kind, coalesce(${ownerIds}) as owner_id, e.anchor, e.at`

/** Hits of the largest page, and the one that tells whether it goes on. */
const mostShown = 101

/** Most hits are messages: read along, they need no statement of their own. More texts than of a page are not held at once. */
export const shownColumns = (limit: number) => (limit > mostShown ? hitColumns : `${hitColumns}, ${messageColumns}`)

interface HitRow {
  n: number | string
  score: number
  namespace: string | null
  kind: string | null
  owner_id: string | null
  anchor: string | null
  at: number | string | null
}

/** Together with the message that it stands for. */
export type HitMessageRow = HitRow & { [Column in keyof MessageRow]: MessageRow[Column] | null }

/** With its entry, where the row has it: one that was only staged is without an actor. Of another namespace, whose words have the same code, a hit stands for nothing. */
export function hitFromMessageRow(row: HitMessageRow, namespace: string): SearchHit {
  const n = Number(row.n)
  const kind = row.kind ?? ''
  const time = new Date(Number(row.at))
  const ownerId = row.namespace === namespace ? row.owner_id : null
  const isRead = ownerId !== null && typeof row.actor_name === 'string'
  const entry = isRead ? foundMessage(row as MessageRow, ownerId, { n, kind, time }) : undefined
  return { n, score: row.score, kind, ownerId, anchor: row.anchor, time, entry }
}
