import type { Database } from '../database.js'
import { writeSearchEntries } from '../search-entries.js'
import { readBodies } from './bodies.js'
import { marks } from './saving.js'
import { type EntryPlace, transcriptEventEntry } from './transcript-entries.js'

/** Beyond every place in a file. */
const nowhere = Number.MAX_SAFE_INTEGER

/** Where the own part of a copy begins: at its first turn that the session it was copied from does not have. */
export async function findOwnParts(transaction: Database, ids: string[]): Promise<void> {
  const { transcriptLinks, transcriptTurns, transcripts } = transaction.tables
  const copiedTurns = `from ${transcriptTurns} c
    where c.source_id = l.source_id and c.transcript_id = l.transcript_id and c.is_copied = 1`
  await transaction.query(
    `update ${transcriptLinks} as linked set own_from = found.own_from from (
       select l.source_id as source, l.transcript_id as transcript,
         case when p.id is null or not exists (select 1 ${copiedTurns}) then 0
         else coalesce((select min(c.place) ${copiedTurns} and not exists (
           select 1 from ${transcriptTurns} t where t.transcript_id = p.id and t.turn = c.turn)), ${nowhere}) end as own_from
       from ${transcriptLinks} l left join ${transcripts} p on p.namespace = l.namespace and p.uid = l.copied_from_uid
       where l.transcript_id in (${marks(ids)}) and l.copied_from_uid is not null) as found
     where linked.source_id = found.source and linked.transcript_id = found.transcript`,
    ids,
  )
}

/** What other records know of events; then what has no time of its own has that of the one before it. */
export async function amend(transaction: Database, ids: string[]): Promise<void> {
  const amended = await amendedAmong(transaction, ids)
  if (amended.length === 0) return
  const { transcriptEvents, transcriptAmendments, searchEntries } = transaction.tables
  await transaction.query(
    `with amended as (
       select e.id, e.told_error, case when e.is_time_inherited = 0 then e.told_ts else min(a.ts) end as own_ts,
         coalesce(max(a.is_error), 0) as said_error, e.transcript_id, e.source_id, e.file, e.place, e.event_key
       from ${transcriptEvents} e left join ${transcriptAmendments} a
         on a.transcript_id = e.transcript_id and a.join_key = e.join_key
       where e.transcript_id in (${marks(amended)})
       group by e.id, e.told_error, e.is_time_inherited, e.told_ts, e.transcript_id, e.source_id, e.file, e.place, e.event_key
     ), timed as (
       select id, said_error, coalesce(own_ts, max(own_ts) over (
         partition by transcript_id, source_id, file order by place, event_key rows unbounded preceding)) as ts from amended
     )
     update ${transcriptEvents} as e set ts = timed.ts,
       is_error = case when timed.said_error = 1 then 1 else e.told_error end,
       kind = case when timed.said_error = 1 and e.kind = 'tool_result' then 'error'
         when timed.said_error = 0 and e.told_error = 0 and e.kind = 'error' and e.role = 'tool' then 'tool_result' else e.kind end
     from timed where timed.id = e.id and (coalesce(e.ts, -1) <> coalesce(timed.ts, -1)
       or e.is_error <> case when timed.said_error = 1 then 1 else e.told_error end)`,
    amended,
  )
  await transaction.query(
    `update ${searchEntries} as s set at = coalesce(e.ts, 0) from ${transcriptEvents} e
     where e.id = s.transcript_event_id and e.transcript_id in (${marks(amended)}) and s.at <> coalesce(e.ts, 0)`,
    amended,
  )
}

async function amendedAmong(transaction: Database, ids: string[]): Promise<string[]> {
  const rows = await transaction.query<{ id: string }>(
    `select distinct transcript_id as id from ${transaction.tables.transcriptAmendments} where transcript_id in (${marks(ids)})`,
    ids,
  )
  return rows.map(({ id }) => id)
}

/**
 * Numbers what is heard by time, then by source, then by place. Not heard is copied history that is here
 * under its own session, what another source told already, and the weaker of two voices.
 */
export async function numberEvents(transaction: Database, ids: string[]): Promise<void> {
  const { transcriptEvents, transcriptLinks, transcriptSources } = transaction.tables
  await transaction.query(
    `with told as (
       select e.id, e.transcript_id, e.event_key, e.seq, e.voice_of, coalesce(e.ts, 0) as at, s.source_rank, e.file, e.place,
         case when e.is_copied = 0 or e.place >= l.own_from then 1 else 0 end as is_own, coalesce(e.voice_rank, 0) as voice_rank,
         case when e.body is null and e.body_hash is null then 0 else 1 end as has_text
       from ${transcriptEvents} e
         join ${transcriptLinks} l on l.source_id = e.source_id and l.transcript_id = e.transcript_id
         join ${transcriptSources} s on s.id = e.source_id
       where e.transcript_id in (${marks(ids)})
     ), compared as (
       select told.*, row_number() over (partition by transcript_id, event_key, is_own order by has_text desc, source_rank) as copy,
         max(is_own * voice_rank) over (partition by transcript_id, voice_of) as strongest from told
     ), heard as (
       select compared.*, case when is_own = 1 and copy = 1 and (voice_of is null or voice_rank = strongest)
         then 1 else 0 end as is_heard from compared
     ), numbered as (
       select id, seq as before, is_heard * row_number() over (
         partition by transcript_id, is_heard order by at, source_rank, file, place, event_key) as seq from heard
     )
     update ${transcriptEvents} as e set seq = nullif(moved.seq, 0)
     from (select id, seq from numbered where seq <> coalesce(before, 0)) as moved where moved.id = e.id`,
    ids,
  )
}

interface UnfoundRow extends EntryPlace {
  id: string
  native_id: string
  ts: number | string | null
  tool: string | null
  body: string | null
  body_hash: string | null
}

const unfoundAtOnce = 500

/** Of transcripts whose project is another one now: their entries name it. */
export async function forgetEntries(transaction: Database, ids: string[]): Promise<void> {
  const { searchEntries, transcriptEvents } = transaction.tables
  if (ids.length === 0) return
  await transaction.query(
    `delete from ${searchEntries} where transcript_event_id in (
       select id from ${transcriptEvents} where transcript_id in (${marks(ids)}))`,
    ids,
  )
}

/** Search finds what is heard and still has its text, and nothing else. */
export async function findableEvents(transaction: Database, namespace: string, ids: string[]): Promise<void> {
  if (!transaction.dialect.isSearched('transcript')) return
  const { searchEntries, transcriptEvents } = transaction.tables
  await transaction.query(
    `delete from ${searchEntries} where transcript_event_id in (
       select id from ${transcriptEvents} where transcript_id in (${marks(ids)}) and seq is null)`,
    ids,
  )
  for (;;) {
    const rows = await unfound(transaction, ids)
    if (rows.length === 0) return
    const hashes = rows.flatMap(({ body_hash }) => body_hash ?? [])
    const bodies = await readBodies(transaction, namespace, hashes)
    const entries = rows.map((row) => {
      const body = row.body ?? bodies.get(row.body_hash ?? '') ?? ''
      const ts = row.ts === null ? null : Number(row.ts)
      return transcriptEventEntry({ id: row.id, nativeId: row.native_id, ts, tool: row.tool, body }, row)
    })
    await writeSearchEntries(transaction, namespace, entries)
  }
}

function unfound(transaction: Database, ids: string[]): Promise<UnfoundRow[]> {
  const { searchEntries, transcriptEvents, transcripts } = transaction.tables
  return transaction.query<UnfoundRow>(
    `select e.id, t.native_id, t.project, t.cwd, e.ts, e.tool, e.body, e.body_hash
     from ${transcriptEvents} e join ${transcripts} t on t.id = e.transcript_id
     where e.transcript_id in (${marks(ids)}) and e.seq is not null and (e.body is not null or e.body_hash is not null)
       and not exists (select 1 from ${searchEntries} s where s.transcript_event_id = e.id)
     order by e.transcript_id, e.seq limit ${unfoundAtOnce}`,
    ids,
  )
}
