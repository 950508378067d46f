import type {
  OutdatedTranscript,
  RescannedTexts,
  TextPass,
  TranscriptRescanRepository,
} from '../../../domain/transcripts/rescan-repository.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { removeFiles } from './body-files.js'
import { rescanDigests } from './rescan-digests.js'
import { type Rescan, rescanEvents } from './rescan-events.js'
import { holdTranscripts } from './saving.js'

interface OutdatedRow {
  id: string
  uid: string
  redaction_version: string | null
}

const outdatedFromRow = ({ id, uid, redaction_version }: OutdatedRow): OutdatedTranscript => ({
  id,
  uid,
  redactionVersion: redaction_version,
})

/** What is stored of one namespace's transcripts, redacted again, in TypeORM's tables, on either database. */
export class TypeOrmTranscriptRescanRepository implements TranscriptRescanRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  async outdated(version: string): Promise<OutdatedTranscript[]> {
    return this.transcripts('(redaction_version is null or redaction_version <> ?) order by id', version)
  }

  @databaseRetry()
  async findOutdated(uid: string): Promise<OutdatedTranscript | undefined> {
    const [found] = await this.transcripts('uid = ?', uid)
    return found
  }

  private async transcripts(condition: string, value: string): Promise<OutdatedTranscript[]> {
    const rows = await this.database.query<OutdatedRow>(
      `select id, uid, redaction_version from ${this.database.tables.transcripts} where namespace = ? and ${condition}`,
      [this.namespace, value],
    )
    return rows.map(outdatedFromRow)
  }

  async rescan(id: string, texts: TextPass, dryRun: boolean): Promise<RescannedTexts> {
    const { database, namespace } = this
    if (dryRun) return database.retrying('rescan', () => rescanned(database, { namespace, id, texts, dryRun }))
    const found = await database.retrying('rescan', () =>
      database.transaction(async (transaction) => {
        await holdTranscripts(transaction, namespace)
        return rescanned(transaction, { namespace, id, texts, dryRun })
      }),
    )
    await removeFiles(database, namespace)
    return found
  }

  /** A source whose reader remembers what is now hidden is read anew when it has changed. */
  @databaseRetry()
  async rescanSources(texts: TextPass): Promise<void> {
    const { database, namespace } = this
    const { transcriptSources } = database.tables
    for (let after: string | undefined = ''; after !== undefined; ) {
      const rows: SourceTexts[] = await database.query<SourceTexts>(
        `select id, source_id, path, last_error, position from ${transcriptSources}
         where namespace = ? and id > ? order by id limit 500`,
        [namespace, after],
      )
      for (const row of rows) await rescanSource(database, row, texts)
      after = rows.at(-1)?.id
    }
  }
}

interface SourceTexts {
  id: string
  source_id: string
  path: string
  last_error: string | null
  position: string | null
}

async function rescanSource(database: Database, row: SourceTexts, texts: TextPass): Promise<void> {
  const { id, source_id, path, last_error, position } = row
  const sourceId = texts.name(source_id)
  const newPath = texts.name(path)
  const lastError = last_error === null ? null : texts.pass(last_error, {})
  const kept = position === null || texts.pass(position, {}) === position ? position : null
  if (sourceId === source_id && newPath === path && lastError === last_error && kept === position) return
  await database.query(
    `update ${database.tables.transcriptSources} set source_id = ?, path = ?, last_error = ?, position = ?
     where id = ? and coalesce(position, '') = ?`,
    [sourceId, newPath, lastError, kept, id, position ?? ''],
  )
}

async function rescanned(database: Database, rescan: Rescan): Promise<RescannedTexts> {
  const events = await rescanEvents(database, rescan)
  const areNamesChanged = await rescanDigests(database, rescan)
  const isChanged = events.eventsChanged > 0 || areNamesChanged
  if (!rescan.dryRun) {
    const { transcripts, searchEntries } = database.tables
    // What its digest says in search is made anew with it, and by nobody where the store is not searched any more.
    if (isChanged) await database.query(`delete from ${searchEntries} where transcript_id = ?`, [rescan.id])
    const reopened = isChanged ? ', is_settled = 0, is_analyzed = 0' : ''
    await database.query(`update ${transcripts} set redaction_version = ?${reopened} where id = ?`, [
      rescan.texts.version,
      rescan.id,
    ])
  }
  return { ...events, isChanged }
}
