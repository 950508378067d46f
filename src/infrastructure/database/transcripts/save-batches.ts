import type { SourceLink, ToldEvent, TranscriptBatch } from '../../../domain/transcripts/ingest-repository.js'
import { transcriptSchemaVersion } from '../../../domain/transcripts/transcript.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { insertBodies } from './bodies.js'
import { evictedKeys, forgetEvicted, rememberEvicted } from './evict-texts.js'
import { keepSources } from './kept-sources.js'
import { moveSources } from './moved-sources.js'
import { holdTranscripts, inChunks, marks, type Saving, transcriptIdOf } from './saving.js'
import { unsettleTellers } from './settle-usages.js'
import { hashOf, linkColumns, linkParameters, projectOf, sourceColumns, sourceParameters } from './source-rows.js'
import { insertEvents } from './told-events.js'
import { insertAmendments, insertTurns, insertUsages } from './told-rows.js'

/** Stores what sources told, and how far they were read; the ids of batches that somebody else was faster with. */
export async function saveBatches(
  transaction: Database,
  batches: TranscriptBatch[],
  saving: Saving,
): Promise<string[]> {
  await holdTranscripts(transaction, saving.namespace)
  await moveSources(transaction, batches, saving.namespace)
  const latest = await latestBatches(transaction, batches, saving.namespace)
  const isGoingOn = ({ source, after }: TranscriptBatch) => latest.get(sourceKeyOf(source.source)) === after
  const isStored = ({ source }: TranscriptBatch) => latest.get(sourceKeyOf(source.source)) === source.batchId
  const fresh = batches.filter(isGoingOn)
  if (fresh.length > 0) await saveFresh(transaction, fresh, saving)
  return batches.filter((batch) => !isGoingOn(batch) && !isStored(batch)).map(({ source }) => source.batchId)
}

const sourceKeyOf = ({ flavor, id }: { flavor: string; id: string }) => `${flavor} ${hashOf(id)}`

/** The batch that was stored last, by source. */
async function latestBatches(transaction: Database, batches: TranscriptBatch[], namespace: string) {
  const keys = batches.map(({ source }) => hashOf(source.source.id))
  const flavors = [...new Set(batches.map(({ source }) => source.source.flavor))]
  const rows = await transaction.query<{ flavor: string; source_key: string; batch_id: string }>(
    `select flavor, source_key, batch_id from ${transaction.tables.transcriptSources}
     where namespace = ? and flavor in (${marks(flavors)}) and source_key in (${marks(keys)})`,
    [namespace, ...flavors, ...keys],
  )
  return new Map(rows.map((row) => [`${row.flavor} ${row.source_key}`, row.batch_id]))
}

async function saveFresh(transaction: Database, batches: TranscriptBatch[], saving: Saving): Promise<void> {
  await keepSources(transaction, batches, saving)
  await saveSources(transaction, batches, saving)
  await forgetSources(transaction, batches, saving.namespace)
  const telling = batches.filter(({ links, isTelling }) => isTelling && links.length > 0)
  if (telling.length === 0) return
  const ids = await transcriptIds(transaction, telling, saving)
  await saveLinks(transaction, telling, ids, saving.namespace)
  const evicted = await evictedAmong(transaction, telling, ids)
  const withheld = withheldOf(telling, evicted)
  const bodies = [...saving.bodies].filter(([event]) => !withheld.has(event))
  await insertBodies(
    transaction,
    saving.namespace,
    bodies.map(([, body]) => body),
  )
  await insertEvents(transaction, telling, ids, { ...saving, evicted, withheld })
  await forgetEvicted(transaction, broughtBack(telling, ids))
  await insertUsages(transaction, telling, ids, saving.namespace)
  await insertAmendments(transaction, telling, ids)
  await insertTurns(transaction, telling, ids)
  await unsettleCopies(transaction, telling, saving.namespace)
}

async function saveSources(transaction: Database, batches: TranscriptBatch[], { namespace, now }: Saving) {
  const rows = batches.map((batch) => sourceParameters(namespace, batch, now))
  const changing =
    'path path_hash form session_id size mtime_ms position generation is_pending refusal last_error batch_id updated_at'
  const set = changing.split(' ').map((column) => `${column} = excluded.${column}`)
  const onConflict = `on conflict (namespace, flavor, source_key) do update set ${set.join(', ')}`
  await insertRows(transaction, transaction.tables.transcriptSources, sourceColumns, rows, onConflict)
}

/** What was told by a source that is read anew. */
async function forgetSources(transaction: Database, batches: TranscriptBatch[], namespace: string): Promise<void> {
  const { tables } = transaction
  const ids = batches.filter(({ isFromStart }) => isFromStart).map(({ source }) => source.id)
  if (ids.length === 0) return
  const those = `source_id in (${marks(ids)})`
  const linked = `select transcript_id from ${tables.transcriptLinks} where ${those}`
  const changed = 'is_settled = 0, is_analyzed = 0'
  await transaction.query(
    `update ${tables.transcripts} set ${changed}, generation = generation + 1 where id in (${linked})`,
    ids,
  )
  const copies = `select c.transcript_id from ${tables.transcriptLinks} c join ${tables.transcripts} t
    on t.namespace = c.namespace and t.uid = c.copied_from_uid where t.id in (${linked})`
  await transaction.query(`update ${tables.transcripts} set ${changed} where id in (${copies})`, ids)
  await unsettleTellers(transaction, namespace, ids)
  await rememberEvicted(transaction, those, ids)
  const { transcriptEvents, transcriptUsages, transcriptTurns, transcriptAmendments, transcriptLinks } = tables
  for (const table of [transcriptEvents, transcriptUsages, transcriptTurns, transcriptAmendments, transcriptLinks]) {
    await transaction.query(`delete from ${table} where ${those}`, ids)
  }
}

/** Events that were here before, and lost their texts. */
async function evictedAmong(transaction: Database, batches: TranscriptBatch[], ids: ReadonlyMap<string, string>) {
  const keys = await evictedKeys(transaction, [...new Set(ids.values())])
  if (keys.size === 0) return new Set<ToldEvent>()
  const isEvicted = (batch: TranscriptBatch, event: ToldEvent) =>
    keys.has(`${transcriptIdOf(ids, batch, event)} ${event.eventKey}`)
  return new Set(batches.flatMap((batch) => batch.events.filter((event) => isEvicted(batch, event))))
}

const withheldOf = (batches: TranscriptBatch[], evicted: ReadonlySet<ToldEvent>) =>
  new Set(
    batches.filter(({ bringsBack }) => !bringsBack).flatMap(({ events }) => events.filter((each) => evicted.has(each))),
  )

/** Of sources that were read again to their end. */
const broughtBack = (batches: TranscriptBatch[], ids: ReadonlyMap<string, string>) =>
  batches
    .filter(({ bringsBack, source }) => bringsBack && source.size >= 0)
    .flatMap((batch) => batch.links.map((link) => transcriptIdOf(ids, batch, link)))

/** Ids by uid, those of new transcripts among them; each of them is to be put in order again. */
async function transcriptIds(transaction: Database, batches: TranscriptBatch[], saving: Saving) {
  const { transcripts } = transaction.tables
  const rows = new Map<string, unknown[]>()
  for (const { source, links } of batches) {
    for (const link of links) {
      const uid = `${source.source.flavor}:${link.nativeId}`
      rows.set(uid, transcriptParameters(uid, link, saving))
    }
  }
  const uids = [...rows.keys()].sort((one, other) => (one < other ? -1 : 1))
  const ordered = uids.map((uid) => rows.get(uid) ?? [])
  await insertRows(transaction, transcripts, newTranscriptColumns, ordered, asChanged(transaction))
  const found = await inChunks(uids, (chunk) =>
    transaction.query<{ id: string; uid: string }>(
      `select id, uid from ${transcripts} where namespace = ? and uid in (${marks(chunk)})`,
      [saving.namespace, ...chunk],
    ),
  )
  return new Map(found.map(({ id, uid }) => [uid, id]))
}

const newTranscriptColumns =
  'id, namespace, uid, flavor, native_id, project, cwd, discovered_at, schema_version, redaction_version, is_settled, is_analyzed, is_fed'

/** As long as something of it is stored under other rules it is to be found by a rescan. */
function asChanged({ tables: { transcripts, transcriptLinks } }: Database): string {
  const isNew = `${transcripts}.has_evicted = 0
    and not exists (select 1 from ${transcriptLinks} l where l.transcript_id = ${transcripts}.id)`
  return `on conflict (namespace, uid) do update set is_settled = 0, is_analyzed = 0, is_fed = excluded.is_fed,
    redaction_version = case when excluded.redaction_version is null or (${isNew}) then excluded.redaction_version
      else ${transcripts}.redaction_version end`
}

/** Where it seems to be at work: the entries of its first events are mostly right then. */
function transcriptParameters(uid: string, { nativeId, facts }: SourceLink, saving: Saving): unknown[] {
  const { newId, namespace, now, redactionVersion, isFed } = saving
  const flavor = uid.slice(0, uid.indexOf(':'))
  const cwd = facts.plain.cwd?.value
  const place = [cwd === undefined ? null : projectOf(cwd), cwd ?? null]
  const state = [now.getTime(), transcriptSchemaVersion, redactionVersion, 0, 0, isFed ? 1 : 0]
  return [newId(), namespace, uid, flavor, nativeId, ...place, ...state]
}

async function saveLinks(
  transaction: Database,
  batches: TranscriptBatch[],
  ids: ReadonlyMap<string, string>,
  namespace: string,
): Promise<void> {
  const rows = batches.flatMap((batch) =>
    batch.links.map((link) => [
      ...[batch.source.id, transcriptIdOf(ids, batch, link), namespace],
      ...linkParameters(link),
    ]),
  )
  const onConflict = `on conflict (source_id, transcript_id) do update set counts = excluded.counts, records_hash = excluded.records_hash,
    redactions = excluded.redactions, facts = excluded.facts, copied_from_uid = excluded.copied_from_uid`
  await insertRows(transaction, transaction.tables.transcriptLinks, linkColumns, rows, onConflict)
}

/** Which of its turns a copy has to itself depends on those of the session that it was copied from. */
async function unsettleCopies(transaction: Database, batches: TranscriptBatch[], namespace: string): Promise<void> {
  const { transcripts, transcriptLinks } = transaction.tables
  const isNew = ({ after, isFromStart }: TranscriptBatch) => after === undefined || isFromStart
  const uids = batches
    .filter((batch) => batch.turns.length > 0 || isNew(batch))
    .flatMap(({ source, links }) => links.map(({ nativeId }) => `${source.source.flavor}:${nativeId}`))
  await inChunks(uids, (chunk) =>
    transaction.query(
      `update ${transcripts} set is_settled = 0, is_analyzed = 0 where id in (
         select transcript_id from ${transcriptLinks} where namespace = ? and copied_from_uid in (${marks(chunk)}))`,
      [namespace, ...chunk],
    ),
  )
}
