import type { AsyncResource } from 'node:async_hooks'
import { homedir } from 'node:os'
import { PersistentActivityService } from './application/activity/persistent-activity-service.js'
import { PersistentContextService } from './application/contexts/persistent-context-service.js'
import { PersistentSearchService } from './application/search/persistent-search-service.js'
import { PersistentSessionService } from './application/sessions/persistent-session-service.js'
import type { SessionRepositories, SessionServiceParts } from './application/sessions/session-service-parts.js'
import { PersistentTranscriptService } from './application/transcripts/persistent-transcript-service.js'
import type { ContextRepository } from './domain/contexts/context-repository.js'
import type { TranscriptSettings } from './domain/transcripts/transcript-settings.js'
import { activityFeed } from './infrastructure/database/activity/feeding.js'
import { TypeOrmActivityRepository } from './infrastructure/database/activity/typeorm-activity-repository.js'
import { TypeOrmActivitySourceRepository } from './infrastructure/database/activity/typeorm-activity-source-repository.js'
import { TypeOrmContextRepository } from './infrastructure/database/contexts/typeorm-context-repository.js'
import type { Database } from './infrastructure/database/database.js'
import { redactorOf } from './infrastructure/database/redaction-keys.js'
import { TypeOrmSearchIndex } from './infrastructure/database/search/typeorm-search-index.js'
import { TypeOrmSessionMessageRepository } from './infrastructure/database/sessions/typeorm-session-message-repository.js'
import { TypeOrmSessionRepository } from './infrastructure/database/sessions/typeorm-session-repository.js'
import { TypeOrmUsageLedger } from './infrastructure/database/sessions/typeorm-usage-ledger.js'
import type { Store } from './infrastructure/database/store.js'
import type { Telemetry } from './infrastructure/database/telemetry.js'
import { foundDigests, foundTranscriptEvents } from './infrastructure/database/transcripts/found-transcripts.js'
import { TypeOrmTranscriptAnalysisRepository } from './infrastructure/database/transcripts/typeorm-transcript-analysis-repository.js'
import { TypeOrmTranscriptEvictionRepository } from './infrastructure/database/transcripts/typeorm-transcript-eviction-repository.js'
import { TypeOrmTranscriptIngestRepository } from './infrastructure/database/transcripts/typeorm-transcript-ingest-repository.js'
import { TypeOrmTranscriptRepository } from './infrastructure/database/transcripts/typeorm-transcript-repository.js'
import { TypeOrmTranscriptRescanRepository } from './infrastructure/database/transcripts/typeorm-transcript-rescan-repository.js'
import { ClaudeReader } from './infrastructure/readers/claude/claude-reader.js'
import { CodexReader } from './infrastructure/readers/codex/codex-reader.js'
import { GeminiReader } from './infrastructure/readers/gemini/gemini-reader.js'
import { GrokReader } from './infrastructure/readers/grok/grok-reader.js'
import { OpencodeReader } from './infrastructure/readers/opencode/opencode-reader.js'
import { watchFolder } from './infrastructure/readers/watch-folder.js'
import { type Limits, searchKinds } from './open-options.js'

/** What the services of a store have in common. */
export type Shared = Pick<SessionServiceParts, 'clock' | 'newId' | 'follower' | 'calls'> & {
  limits: Limits
  settings: TranscriptSettings | undefined
  outside: AsyncResource
  redact: { messages?: boolean; activity?: boolean }
}

/** The services of one namespace. */
export function openServices(
  { database, store, telemetry }: { database: Database; store: Store; telemetry: Telemetry },
  namespace: string,
  shared: Shared,
) {
  return {
    sessions: sessionService(database, namespace, shared),
    contexts: contextService(database, namespace, shared),
    activity: activityService({ database, store, telemetry }, namespace, shared),
    transcripts: transcriptService(database, namespace, shared),
    search: searchService(database, namespace, shared),
  }
}

function sessionService(database: Database, namespace: string, shared: Shared): PersistentSessionService {
  const repositories = (on: Database): SessionRepositories => ({
    sessions: new TypeOrmSessionRepository(on, namespace),
    messages: new TypeOrmSessionMessageRepository(on, namespace),
    ledger: new TypeOrmUsageLedger(on, namespace),
  })
  const unitOfWork = {
    inTransaction: <T>(work: (inside: SessionRepositories) => Promise<T>) =>
      database.retrying('transaction', () => database.transaction((transaction) => work(repositories(transaction)))),
  }
  const findRedactor = shared.redact.messages ? redactorOf(database, namespace) : undefined
  return new PersistentSessionService({ ...shared, ...repositories(database), unitOfWork, namespace, findRedactor })
}

function contextService(database: Database, namespace: string, shared: Shared): PersistentContextService {
  const { clock, newId, limits, calls } = shared
  const contexts = new TypeOrmContextRepository(database, namespace)
  const unitOfWork = {
    inTransaction: <T>(work: (inside: ContextRepository) => Promise<T>) =>
      database.retrying('transaction', () =>
        database.transaction((transaction) => work(new TypeOrmContextRepository(transaction, namespace))),
      ),
  }
  return new PersistentContextService({ contexts, unitOfWork, namespace, clock, newId, limits, calls })
}

function activityService(
  { database, store, telemetry }: { database: Database; store: Store; telemetry: Telemetry },
  namespace: string,
  { clock, newId, limits, calls, outside, redact }: Shared,
): PersistentActivityService {
  return new PersistentActivityService({
    activity: new TypeOrmActivityRepository(database, namespace),
    lasting: new TypeOrmActivityRepository(store, namespace),
    sources: new TypeOrmActivitySourceRepository(database, namespace),
    onDrop: (reason, events) => telemetry({ type: 'dropped', reason, events }),
    ...{ namespace, clock, newId, limits, calls, outside },
    findRedactor: redact.activity ? redactorOf(database, namespace) : undefined,
    findLastingRedactor: redact.activity ? redactorOf(store, namespace) : undefined,
  })
}

function searchService(database: Database, namespace: string, { clock, calls }: Shared): PersistentSearchService {
  const index = new TypeOrmSearchIndex(database, namespace, [foundTranscriptEvents, foundDigests])
  return new PersistentSearchService({ index, namespace, kinds: searchKinds, clock, calls })
}

const readers = [new ClaudeReader(), new CodexReader(), new GrokReader(), new GeminiReader(), new OpencodeReader()]

function transcriptService(
  database: Database,
  namespace: string,
  { clock, newId, calls, settings }: Shared,
): PersistentTranscriptService {
  const feed = activityFeed({ namespace, clock, newId })
  return new PersistentTranscriptService({
    readers,
    surroundings: () => ({ home: homedir(), environment: process.env }),
    watchFolder,
    ingest: new TypeOrmTranscriptIngestRepository(database, namespace, newId, feed, settings),
    analysis: new TypeOrmTranscriptAnalysisRepository(database, namespace),
    transcripts: new TypeOrmTranscriptRepository(database, namespace, settings),
    evictions: new TypeOrmTranscriptEvictionRepository(database, namespace),
    rescans: new TypeOrmTranscriptRescanRepository(database, namespace),
    ...{ namespace, clock, newId, calls },
  })
}
