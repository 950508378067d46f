import { rmSync } from 'node:fs'
import { OpenCalls } from '../src/application/open-calls.js'
import { PersistentTranscriptService } from '../src/application/transcripts/persistent-transcript-service.js'
import type { Clock } from '../src/domain/clock.js'
import { ulids } from '../src/domain/ids.js'
import type { FolderWatch } from '../src/domain/transcripts/transcript-reader.js'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import type { TranscriptSettings } from '../src/domain/transcripts/transcript-settings.js'
import { activityFeed } from '../src/infrastructure/database/activity/feeding.js'
import { BodyFolder } from '../src/infrastructure/database/body-folder.js'
import { openDataSource } from '../src/infrastructure/database/data-source.js'
import { migratorOf, openStore } from '../src/infrastructure/database/store.js'
import { TypeOrmTranscriptAnalysisRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-analysis-repository.js'
import { TypeOrmTranscriptEvictionRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-eviction-repository.js'
import { TypeOrmTranscriptIngestRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-ingest-repository.js'
import { TypeOrmTranscriptRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-repository.js'
import { TypeOrmTranscriptRescanRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-rescan-repository.js'
import { ClaudeReader } from '../src/infrastructure/readers/claude/claude-reader.js'
import { CodexReader } from '../src/infrastructure/readers/codex/codex-reader.js'
import { GeminiReader } from '../src/infrastructure/readers/gemini/gemini-reader.js'
import { GrokReader } from '../src/infrastructure/readers/grok/grok-reader.js'
import { OpencodeReader } from '../src/infrastructure/readers/opencode/opencode-reader.js'
import { watchFolder } from '../src/infrastructure/readers/watch-folder.js'
import { migrateUp } from '../src/open-connection.js'
import type { TestStore } from './test-store.js'
import { Corpus } from './transcript-corpus.js'

interface StoreOptions {
  isSearched?: boolean
  namespace?: string
  clock?: Clock
  settings?: TranscriptSettings
  bodies?: string | BodyFolder
  watchFolder?: FolderWatch
}

/** The ingest of a store, by namespace. */
export async function transcriptStore(
  store: Pick<TestStore, 'options' | 'schema' | 'afterwards'>,
  given: StoreOptions = {},
): Promise<TranscriptService> {
  const { isSearched = true, namespace = 'default', clock = () => new Date(), settings, bodies } = given
  const { dataSource, close } = await openDataSource(store.options)
  store.afterwards(close)
  const { schema } = store
  const options = {
    schema,
    telemetry: () => undefined,
    pendingWrites: 100,
    isSearched: () => isSearched,
    bodyFolder: typeof bodies === 'string' ? new BodyFolder(bodies) : bodies,
    isOfHost: false,
  }
  const database = openStore(dataSource, options)
  const migrator = migratorOf(database, { schema })
  await migrateUp(store.options, { store: database, migrator, telemetry: options.telemetry, close })
  const newId = ulids(clock)
  const feed = activityFeed({ namespace, clock, newId })
  const ingest = new TypeOrmTranscriptIngestRepository(database, namespace, newId, feed, settings)
  const readers = [new ClaudeReader(), new CodexReader(), new GrokReader(), new GeminiReader(), new OpencodeReader()]
  const surroundings = () => ({ home: '/nowhere', environment: {} })
  const analysis = new TypeOrmTranscriptAnalysisRepository(database, namespace)
  const transcripts = new TypeOrmTranscriptRepository(database, namespace, settings)
  const evictions = new TypeOrmTranscriptEvictionRepository(database, namespace)
  const rescans = new TypeOrmTranscriptRescanRepository(database, namespace)
  const calls = new OpenCalls()
  return new PersistentTranscriptService({
    watchFolder: given.watchFolder ?? watchFolder,
    ...{ readers, surroundings, ingest, analysis, transcripts, evictions, rescans, namespace, clock, newId, calls },
  })
}

/** A store of transcripts with a folder beside it for their files, and a clock that the test moves. */
export async function clockedTranscripts(store: TestStore) {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  let now = Date.UTC(2026, 0, 2)
  const transcripts = await transcriptStore(store, { clock: () => new Date(now) })
  const later = (ms: number): void => void (now += ms)
  return { store, corpus, transcripts, later }
}
