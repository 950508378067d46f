import type { Database } from '../database.js'
import { marks } from './saving.js'
import { usageColumns } from './told-rows.js'

const names = ['input', 'cache_read', 'cache_write', 'output'] as const
const latest = Number.MAX_SAFE_INTEGER

/**
 * Counts every response once, in all sources and sessions: as much as the one tells that tells most, for
 * the session that began first. The ids of the transcripts whose sums have changed.
 */
export async function countUsages(transaction: Database, namespace: string, ids: string[]): Promise<string[]> {
  const { transcriptUsages: usages } = transaction.tables
  const changed = names.map((name) => `${name}_before <> ${name}_now`)
  const rows = await transaction.query<{ transcript_id: string }>(
    `with ${told(transaction, ids)}, ${heard(transaction)}, ${counted()}
     update ${usages} as u set is_counted = n.counted, ${names.map((name) => `${name}_tokens = n.${name}_now`).join(', ')}
     from (select * from counted where before <> counted or ${changed.join(' or ')}) as n
     where u.source_id = n.source and u.transcript_id = n.transcript and u.usage_key = n.response
     returning transcript_id`,
    [namespace, ...ids, namespace, ...ids],
  )
  return [...new Set(rows.map(({ transcript_id }) => transcript_id))]
}

/** Before the rows of sources go: of their responses others may tell, and are to count then. */
export async function unsettleTellers(transaction: Database, namespace: string, sources: string[]): Promise<void> {
  const { tables, dialect } = transaction
  await transaction.query(
    `update ${tables.transcripts} set is_settled = 0, is_analyzed = 0 where id in (
       with ${keys(transaction, `source_id in (${marks(sources)})`)}
       select transcript_id from ${dialect.rowsOfHops('keys', tables.transcriptUsages, 'usage_key')}
       where namespace = hop_namespace and usage_key = hop)`,
    [namespace, ...sources, namespace, ...sources],
  )
}

/** Of the responses of some rows; and of those whose messages they speak themselves. */
function keys({ tables: { transcriptUsages: usages }, dialect: { unsought } }: Database, those: string): string {
  return `keys as (
       select namespace as hop_namespace, usage_key as hop from ${usages} where ${unsought('namespace')} = ? and ${those}
       union select r.namespace, r.usage_key from ${usages} m join ${usages} r on r.namespace = m.namespace and r.message_key = m.message_key
         where ${unsought('m.namespace')} = ? and m.${those} and r.is_replay = 1
     )`
}

/** All that is told, wherever, of what these transcripts tell of. */
function told(database: Database, ids: string[]): string {
  const { tables, dialect } = database
  const { transcriptUsages: usages, transcriptLinks, transcripts, transcriptSources } = tables
  return `${keys(database, `transcript_id in (${marks(ids)})`)}, responses as (
       select ${usageColumns} from ${dialect.rowsOfHops('keys', usages, 'usage_key')}
       where namespace = hop_namespace and usage_key = hop
     ), told as (
       select u.*, coalesce(u.voice_rank, 0) as voice, t.started_at, t.uid, s.source_rank,
         case when u.is_copied = 0 or u.place >= l.own_from then 1 else 0 end as is_own from responses u
         join ${transcriptLinks} l on l.source_id = u.source_id and l.transcript_id = u.transcript_id
         join ${transcripts} t on t.id = u.transcript_id
         join ${transcriptSources} s on s.id = u.source_id
     )`
}

/** Not heard are copied history, the weaker of two voices, and the replay of a message that is here itself. */
function heard({ tables: { transcriptUsages } }: Database): string {
  return `compared as (
       select told.*, max(is_own * voice) over (partition by transcript_id, voice_of) as strongest from told
     ), heard as (
       select c.*, case when is_own = 1 and (voice_of is null or voice = strongest) and (is_replay = 0 or not exists (
         select 1 from ${transcriptUsages} spoken where spoken.namespace = c.namespace
           and spoken.message_key = c.message_key and spoken.is_replay = 0)) then 1 else 0 end as is_heard from compared c
     )`
}

function counted(): string {
  const first = `coalesce(started_at, ${latest}), uid, source_rank`
  const greatest = `partition by usage_key, is_heard order by weight desc, lesser_weight desc, ${first}`
  const most = names.map((name) => `first_value(told_${name}) over (${greatest}) as ${name}`)
  const now = names.map(
    (name) => `${name}_tokens as ${name}_before, case when nth = 1 then ${name} else 0 end as ${name}_now`,
  )
  return `ranked as (
       select heard.*, ${most.join(', ')},
         is_heard * row_number() over (partition by usage_key, is_heard order by ${first}) as nth from heard
     ), counted as (
       select source_id as source, transcript_id as transcript, usage_key as response, is_counted as before,
         case when nth = 1 then 1 else 0 end as counted, ${now.join(', ')} from ranked
     )`
}
