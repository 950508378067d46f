import { OpenCalls } from '../src/application/open-calls.js'
import { PersistentTranscriptService } from '../src/application/transcripts/persistent-transcript-service.js'
import { ulids } from '../src/domain/ids.js'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import { activityFeed } from '../src/infrastructure/database/activity/feeding.js'
import { openDataSource } from '../src/infrastructure/database/data-source.js'
import { migratorOf, openStore } from '../src/infrastructure/database/store.js'
import { TypeOrmTranscriptAnalysisRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-analysis-repository.js'
import { TypeOrmTranscriptIngestRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-ingest-repository.js'
import { TypeOrmTranscriptRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-repository.js'
import { ClaudeReader } from '../src/infrastructure/readers/claude-reader.js'
import { CodexReader } from '../src/infrastructure/readers/codex-reader.js'
import { GrokReader } from '../src/infrastructure/readers/grok-reader.js'
import type { TestStore } from './test-store.js'

/** The ingest of a store, by namespace. */
export async function transcriptStore(
  store: Pick<TestStore, 'options' | 'schema' | 'afterwards'>,
  { isSearched = true, namespace = 'default', clock = () => new Date() } = {},
): Promise<TranscriptService> {
  const { dataSource, close } = await openDataSource(store.options)
  store.afterwards(close)
  const { schema } = store
  const options = { schema, telemetry: () => undefined, pendingWrites: 100, isSearched: () => isSearched }
  const database = openStore(dataSource, options)
  await migratorOf(database, { schema }).up()
  const newId = ulids(clock)
  const feed = activityFeed({ namespace, clock, newId })
  const ingest = new TypeOrmTranscriptIngestRepository(database, namespace, newId, feed)
  const readers = [new ClaudeReader(), new CodexReader(), new GrokReader()]
  const surroundings = () => ({ home: '/nowhere', environment: {} })
  const analysis = new TypeOrmTranscriptAnalysisRepository(database, namespace)
  const transcripts = new TypeOrmTranscriptRepository(database, namespace)
  const calls = new OpenCalls()
  return new PersistentTranscriptService({
    ...{ readers, surroundings, ingest, analysis, transcripts, namespace, clock, newId, calls },
  })
}
