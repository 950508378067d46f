import type { IdFactory } from '../../../domain/ids.js'
import type {
  KnownSource,
  SettledTranscript,
  SourceLink,
  TranscriptBatch,
  TranscriptIngestRepository,
  UnsettledTranscript,
} from '../../../domain/transcripts/ingest-repository.js'
import type { TranscriptSource } from '../../../domain/transcripts/transcript-reader.js'
import { noSettings, settingsKey, type TranscriptSettings } from '../../../domain/transcripts/transcript-settings.js'
import type { ActivityFeed } from '../activity-feed.js'
import { type Database, onceMoreIfOvertaken } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { redactionKey } from '../redaction-keys.js'
import { bodiesOf } from './bodies.js'
import { removeFiles, writeFilesAhead } from './body-files.js'
import { saveBatches } from './save-batches.js'
import { inChunks, marks } from './saving.js'
import { settleTranscripts } from './settle.js'
import { revalueTranscripts } from './settle-tokens.js'
import { hashOf, type LinkRow, linkFromRow, type SourceRow, sourceColumns, sourceFromRow } from './source-rows.js'

/** What the ingest writes of one namespace, in TypeORM's tables, on either database. */
export class TypeOrmTranscriptIngestRepository implements TranscriptIngestRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
    private readonly newId: IdFactory,
    private readonly feed?: ActivityFeed,
    /** Undefined where the opener has none to say: then what others said of a transcript stays. */
    private readonly given?: TranscriptSettings,
  ) {}

  private get settings(): TranscriptSettings {
    return this.given ?? noSettings
  }

  @databaseRetry()
  async redactionKey(fresh: string): Promise<string> {
    return redactionKey(this.database, this.namespace, fresh)
  }

  @databaseRetry()
  async findSource(flavor: string, sourceId: string): Promise<KnownSource | undefined> {
    const [row] = await this.sourcesBy('flavor = ? and source_key = ?', [flavor, hashOf(sourceId)])
    return row && sourceFromRow(row)
  }

  @databaseRetry()
  async findSourcesAt(paths: readonly string[]): Promise<Map<string, KnownSource[]>> {
    const byHash = new Map(paths.map((path) => [hashOf(path), path]))
    const rows = await inChunks([...byHash.keys()], (chunk) => this.sourcesBy(`path_hash in (${marks(chunk)})`, chunk))
    const found = new Map<string, KnownSource[]>()
    for (const row of rows) {
      const path = byHash.get(row.path_hash) ?? row.path
      found.set(path, [...(found.get(path) ?? []), sourceFromRow(row)])
    }
    return found
  }

  @databaseRetry()
  async findEarlier({ flavor, path }: TranscriptSource, nativeId: string): Promise<KnownSource[]> {
    const { namespace, database } = this
    const ofNamespace = `select ${sourceColumns} from ${database.tables.transcriptSources} where namespace = ?`
    const rows = await database.query<SourceRow>(
      `${ofNamespace} and path_hash = ? and flavor <> ? union all ${ofNamespace} and flavor = ? and session_id = ? order by id`,
      [namespace, hashOf(path), flavor, namespace, flavor, nativeId],
    )
    // Of a path that was redacted nobody can tell whether it is there.
    return rows.filter((row) => [hashOf(path), hashOf(row.path)].includes(row.path_hash)).map(sourceFromRow)
  }

  private sourcesBy(condition: string, values: unknown[]): Promise<SourceRow[]> {
    return this.database.query<SourceRow>(
      `select ${sourceColumns} from ${this.database.tables.transcriptSources} where namespace = ? and ${condition}`,
      [this.namespace, ...values],
    )
  }

  @databaseRetry()
  async findLinks(sourceId: string): Promise<SourceLink[]> {
    const { transcriptLinks, transcripts } = this.database.tables
    const rows = await this.database.query<LinkRow>(
      `select t.native_id, l.counts, l.records_hash, l.redactions, l.facts, l.copied_from_uid
       from ${transcriptLinks} l join ${transcripts} t on t.id = l.transcript_id where l.source_id = ?`,
      [sourceId],
    )
    return rows.map(linkFromRow)
  }

  async save(batches: TranscriptBatch[], now: Date, redactionVersion: string | null, isFed = true): Promise<string[]> {
    const { database, namespace, newId } = this
    const bodies = await bodiesOf(batches.flatMap(({ events }) => events))
    const saving = { namespace, now, redactionVersion, isFed, newId, bodies }
    let ahead: string[] = []
    const overtaken = await database.retrying('ingest', async () => {
      ahead = await writeFilesAhead(database, namespace, [...bodies.values()])
      return database.transaction((transaction) => saveBatches(transaction, batches, saving))
    })
    await removeFiles(database, namespace, ahead)
    return overtaken
  }

  @databaseRetry()
  async unsettled(limit: number): Promise<UnsettledTranscript[]> {
    const { transcripts, transcriptEvents } = this.database.tables
    const rows = await this.database.query<{ id: string; events: number | string }>(
      `select id, (select count(*) from ${transcriptEvents} e where e.transcript_id = t.id) as events
       from ${transcripts} t where namespace = ? and is_settled = 0 order by id limit ?`,
      [this.namespace, limit],
    )
    return rows.map(({ id, events }) => ({ id, events: Number(events) }))
  }

  settle(ids: string[], now: Date, isRescan = false): Promise<SettledTranscript[]> {
    const { namespace, settings, feed } = this
    const settling = { namespace, now, settings, feed, isRescan }
    return this.database.retrying('settle', () =>
      // Whoever records meanwhile what a transcript tells of too is seen by the second try.
      onceMoreIfOvertaken(() =>
        this.database.transaction((transaction) => settleTranscripts(transaction, ids, settling)),
      ),
    )
  }

  @databaseRetry()
  async unvalued(limit: number): Promise<string[]> {
    if (!this.given) return []
    const key = settingsKey(this.given)
    const rows = await this.database.query<{ id: string }>(
      `select id from ${this.database.tables.transcripts} where namespace = ? and (valued_by < ? or valued_by > ?) limit ?`,
      [this.namespace, key, key, limit],
    )
    return rows.map(({ id }) => id)
  }

  revalue(ids: string[]): Promise<void> {
    const { namespace, settings } = this
    return this.database.retrying('revalue', () =>
      this.database.transaction((transaction) => revalueTranscripts(transaction, ids, { namespace, settings })),
    )
  }
}
