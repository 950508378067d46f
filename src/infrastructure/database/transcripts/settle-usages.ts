import type { Database } from '../database.js'
import { marks } from './saving.js'

const names = ['input', 'cache_read', 'cache_write', 'output'] as const
const latest = Number.MAX_SAFE_INTEGER

/**
 * Counts every response once, in all sources and sessions: as much as the one tells that tells most, for
 * the session that began first. The ids of the transcripts whose sums have changed.
 */
export async function countUsages(transaction: Database, namespace: string, ids: string[]): Promise<string[]> {
  const { transcriptUsages: usages, transcriptLinks, transcripts, transcriptSources } = transaction.tables
  const first = `coalesce(started_at, ${latest}), uid, source_rank`
  const most = names.map(
    (name) =>
      `first_value(told_${name}) over (partition by usage_key order by weight desc, lesser_weight desc, ${first}) as ${name}`,
  )
  const rows = await transaction.query<{ transcript_id: string }>(
    `with keys as (
       select usage_key from ${usages} where transcript_id in (${marks(ids)})
       union select r.usage_key from ${usages} m join ${usages} r on r.namespace = m.namespace and r.message_key = m.message_key
         where m.transcript_id in (${marks(ids)}) and r.is_replay = 1
     ), own as (
       select u.*, coalesce(u.voice_rank, 0) as voice, t.started_at, t.uid, s.source_rank from ${usages} u
         join ${transcriptLinks} l on l.source_id = u.source_id and l.transcript_id = u.transcript_id
         join ${transcripts} t on t.id = u.transcript_id
         join ${transcriptSources} s on s.id = u.source_id
       where u.namespace = ? and u.usage_key in (select usage_key from keys) and (u.is_copied = 0 or u.place >= l.own_from)
     ), voiced as (
       select own.*, max(voice) over (partition by transcript_id, voice_of) as strongest from own
     ), counted as (
       select source_id, transcript_id, usage_key, row_number() over (partition by usage_key order by ${first}) as nth,
         ${most.join(', ')}
       from voiced v where (voice_of is null or voice = strongest) and (is_replay = 0 or not exists (
         select 1 from ${usages} spoken where spoken.namespace = v.namespace and spoken.message_key = v.message_key and spoken.is_replay = 0))
     )
     update ${usages} as u set is_counted = n.is_counted, ${names.map((name) => `${name}_tokens = n.${name}`).join(', ')}
     from (select a.source_id as source, a.transcript_id as transcript, a.usage_key as response,
         case when c.nth is null then 0 else 1 end as is_counted, ${names.map((name) => `coalesce(c.${name}, 0) as ${name}`).join(', ')}
       from ${usages} a left join counted c on c.nth = 1 and c.source_id = a.source_id
         and c.transcript_id = a.transcript_id and c.usage_key = a.usage_key
       where a.namespace = ? and a.usage_key in (select usage_key from keys)) as n
     where u.source_id = n.source and u.transcript_id = n.transcript and u.usage_key = n.response
       and (u.is_counted <> n.is_counted or ${names.map((name) => `u.${name}_tokens <> n.${name}`).join(' or ')})
     returning transcript_id`,
    [...ids, ...ids, namespace, namespace],
  )
  return [...new Set(rows.map(({ transcript_id }) => transcript_id))]
}
