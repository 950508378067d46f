import { domainOf } from '../../../domain/transcripts/domain-map.js'
import type { SettledTranscript, SourceLink } from '../../../domain/transcripts/ingest-repository.js'
import { repositoryOf } from '../../../domain/transcripts/repository-name.js'
import { mergedFacts } from '../../../domain/transcripts/session-facts.js'
import { noCounts, noTokens, type TranscriptFigures } from '../../../domain/transcripts/transcript.js'
import type { RecordCounts } from '../../../domain/transcripts/transcript-reader.js'
import { settingsKey, type TranscriptSettings } from '../../../domain/transcripts/transcript-settings.js'
import type { ActivityFeed } from '../activity-feed.js'
import type { Database } from '../database.js'
import { type EventSums, eventSums, noSums, summed } from './event-sums.js'
import { settleTexts } from './evict-texts.js'
import { holdTranscripts, marks } from './saving.js'
import { amend, findableEvents, findOwnParts, forgetEntries, numberEvents } from './settle-events.js'
import { placeTokens, recountedOthers, writeTokens } from './settle-tokens.js'
import { countUsages } from './settle-usages.js'
import { type LinkRow, linkFromRow, projectOf } from './source-rows.js'
import { feedActivity } from './told-activity.js'

interface Settling {
  namespace: string
  now: Date
  feed?: ActivityFeed
  isRescan: boolean
  settings: TranscriptSettings
}

interface TranscriptRow {
  id: string
  uid: string
  project: string | null
  cwd: string | null
}

/** Decides what counts of what was told, and writes what follows from it. */
export async function settleTranscripts(
  transaction: Database,
  ids: string[],
  settling: Settling,
): Promise<SettledTranscript[]> {
  await holdTranscripts(transaction, settling.namespace)
  await deleteUntold(transaction, ids)
  const rows = await transcriptRows(transaction, ids)
  const settled = await settleRows(transaction, rows, settling)
  const { namespace, feed, isRescan } = settling
  if (feed) await feedActivity(transaction, ids, { namespace, feed, isRescan })
  return settled
}

async function settleRows(
  transaction: Database,
  rows: TranscriptRow[],
  { namespace, now, settings }: Settling,
): Promise<SettledTranscript[]> {
  const there = rows.map(({ id }) => id)
  if (there.length === 0) return []
  await findOwnParts(transaction, there)
  await amend(transaction, there)
  await numberEvents(transaction, there)
  const settled = await writeFacts(transaction, rows, { now, settings })
  await forgetEntries(transaction, await movedAmong(transaction, rows))
  await findableEvents(transaction, namespace, there)
  await settleTexts(transaction, there)
  const changed = [...new Set([...there, ...(await countUsages(transaction, namespace, there))])]
  const tokens = await writeTokens(transaction, changed, settings.prices)
  await placeTokens(transaction, changed)
  const counted = settled.map((each) => ({
    ...each,
    figures: { ...each.figures, tokens: tokens.get(each.id) ?? { ...noTokens } },
  }))
  return [...counted, ...(await recountedOthers(transaction, tokens, new Set(there)))]
}

/** A source that was written anew may no longer tell of a session at all; what is held or evicted stays as it was. */
async function deleteUntold(transaction: Database, ids: string[]): Promise<void> {
  const { transcripts, transcriptLinks, transcriptSources } = transaction.tables
  // Of a session that only a half line was taken for, until it was whole and another's, there was no record.
  await transaction.query(
    `delete from ${transcriptLinks} where transcript_id in (${marks(ids)}) and records_hash = ''
       and exists (select 1 from ${transcriptSources} s where s.id = ${transcriptLinks}.source_id and s.is_pending = 0)`,
    ids,
  )
  const untold = `not exists (select 1 from ${transcriptLinks} l where l.transcript_id = ${transcripts}.id)`
  await transaction.query(
    `delete from ${transcripts} where id in (${marks(ids)}) and has_evicted = 0 and hold_reason is null and ${untold}`,
    ids,
  )
  await transaction.query(
    `update ${transcripts} set is_settled = 1, is_analyzed = 1 where id in (${marks(ids)}) and ${untold}`,
    ids,
  )
}

function transcriptRows(transaction: Database, ids: string[]): Promise<TranscriptRow[]> {
  return transaction.query<TranscriptRow>(
    `select id, uid, project, cwd from ${transaction.tables.transcripts} t where id in (${marks(ids)})
       and exists (select 1 from ${transaction.tables.transcriptLinks} l where l.transcript_id = t.id) order by uid`,
    ids,
  )
}

async function movedAmong(transaction: Database, before: TranscriptRow[]): Promise<string[]> {
  const places = new Map(before.map(({ id, project, cwd }) => [id, JSON.stringify([project, cwd])]))
  const after = await transcriptRows(transaction, [...places.keys()])
  return after.filter(({ id, project, cwd }) => places.get(id) !== JSON.stringify([project, cwd])).map(({ id }) => id)
}

async function writeFacts(
  transaction: Database,
  rows: TranscriptRow[],
  given: Pick<Settling, 'now' | 'settings'>,
): Promise<SettledTranscript[]> {
  const ids = rows.map(({ id }) => id)
  const links = await linksOf(transaction, ids)
  const sums = await eventSums(transaction, ids)
  const settled: SettledTranscript[] = []
  for (const row of rows) {
    const told = links.get(row.id) ?? []
    const events = sums.get(row.id) ?? noSums()
    const once = withoutCopies(told)
    const counts = summed<RecordCounts>(
      { ...noCounts },
      once.map((link) => link.counts),
    )
    counts.malformedLines += once.filter(({ isPending }) => isPending).length
    const figures = { ...events.figures, ...counts }
    await writeTranscript(transaction, row, { ...given, told, once, events, figures })
    settled.push({ id: row.id, uid: row.uid, figures })
  }
  return settled
}

type ToldLink = SourceLink & { isPending: boolean; isUncertain: boolean }

/** Of files that tell the same one alone, since the lines of a copy are no lines more: the one that has more to come. */
function withoutCopies(told: ToldLink[]): ToldLink[] {
  const seen = new Set<string>()
  return told
    .toSorted((one, other) => Number(other.isPending) - Number(one.isPending))
    .filter(({ recordsHash, counts }) => {
      const key = JSON.stringify([recordsHash, counts])
      const isCopy = recordsHash !== '' && seen.has(key)
      seen.add(key)
      return !isCopy
    })
}

interface Facts extends Pick<Settling, 'now' | 'settings'> {
  told: ToldLink[]
  once: ToldLink[]
  events: EventSums
  figures: TranscriptFigures
}

const factColumns =
  'repo domain valued_by project cwd branch model title title_rank task_ref parent_uid started_at ended_at tokens_uncertain wall_clock_ms turns retries figures last_seq redactions ingested_at is_settled is_analyzed'

async function writeTranscript(transaction: Database, { id, uid }: TranscriptRow, facts: Facts): Promise<void> {
  const { told, once, events, figures, now } = facts
  const redactions = summed<Record<string, number>>(
    {},
    once.map((link) => link.redactions),
  )
  const values = [
    ...factValues(uid, facts),
    ...[events.last, told.some(({ isUncertain }) => isUncertain) ? 1 : 0, (events.last ?? 0) - (events.first ?? 0)],
    ...[figures.userPrompts, figures.events.retry ?? 0, JSON.stringify(figures), events.lastSeq],
    ...[JSON.stringify(redactions), now.getTime(), 1, 0],
  ]
  const set = factColumns.split(' ').map((column) => `${column} = ?`)
  await transaction.query(`update ${transaction.tables.transcripts} set ${set.join(', ')} where id = ?`, [
    ...values,
    id,
  ])
}

function factValues(uid: string, { told, events, settings }: Facts): unknown[] {
  const facts = mergedFacts(told.map((link) => link.facts))
  const { cwd, gitBranch, model, title, taskRef, parentSessionId, startedAt } = facts
  const flavor = uid.slice(0, uid.indexOf(':'))
  const times = [events.first, startedAt ? Date.parse(startedAt) : null].filter((time) => time !== null)
  const began = times.length > 0 ? Math.min(...times) : null
  const parent = parentSessionId && `${flavor}:${parentSessionId}`
  const place = [repositoryOf(facts), domainOf(cwd, settings.domains), settingsKey(settings), cwd && projectOf(cwd)]
  const values = [...place, cwd, gitBranch, model, title?.text, title?.rank, taskRef, parent, began]
  return values.map((value) => value ?? null)
}

async function linksOf(transaction: Database, ids: string[]): Promise<Map<string, ToldLink[]>> {
  const { transcriptLinks, transcriptSources, transcripts } = transaction.tables
  const rows = await transaction.query<
    LinkRow & { transcript_id: string; is_pending: number; own_from: number | string }
  >(
    `select l.transcript_id, t.native_id, l.counts, l.records_hash, l.redactions, l.facts, l.copied_from_uid, l.own_from,
       case when s.session_id = t.native_id then s.is_pending else 0 end as is_pending
     from ${transcriptLinks} l join ${transcriptSources} s on s.id = l.source_id join ${transcripts} t on t.id = l.transcript_id
     where l.transcript_id in (${marks(ids)}) order by l.transcript_id, s.source_rank`,
    ids,
  )
  const links = new Map<string, ToldLink[]>()
  for (const row of rows) {
    const isUncertain = row.copied_from_uid !== null && Number(row.own_from) === 0
    const link = { ...linkFromRow(row), isPending: row.is_pending === 1, isUncertain }
    links.set(row.transcript_id, [...(links.get(row.transcript_id) ?? []), link])
  }
  return links
}
