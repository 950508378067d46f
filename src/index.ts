export type { ActivityLimits } from './application/activity/activity-limits.js'
export { PersistentActivityService } from './application/activity/persistent-activity-service.js'
export type { ContextLimits } from './application/contexts/context-limits.js'
export { PersistentContextService } from './application/contexts/persistent-context-service.js'
export type { SessionLimits } from './application/sessions/new-messages.js'
export { PersistentSessionService } from './application/sessions/persistent-session-service.js'
export type * from './domain/activity/activity-backfill.js'
export { ActivityEvent, ActivityReject, ActivitySource } from './domain/activity/activity-event.js'
export {
  type ActivityEventJson,
  activityEventJson,
  type FailedLoopJson,
  type FailingToolJson,
  failedLoopJson,
  failingToolJson,
  type RecordedEventJson,
  type RejectedPieceJson,
  type RelatedEventJson,
  recordedEventJson,
  rejectedPieceJson,
  relatedEventJson,
} from './domain/activity/activity-json.js'
export type { ActivityPurgeReport, ActivityPurgeTerms } from './domain/activity/activity-purge.js'
export type * from './domain/activity/activity-repository.js'
export * from './domain/activity/activity-service.js'
export type * from './domain/activity/activity-source-repository.js'
export {
  type EventKind,
  type EventKindDeclaration,
  eventKindNames,
  type PayloadType,
} from './domain/activity/event-kinds.js'
export type { JsonInput, JsonObject, JsonValue } from './domain/canonical-json.js'
export type { Clock } from './domain/clock.js'
export { Context, type ContextStatus, ContextStep, contextStatuses } from './domain/contexts/context.js'
export {
  type ContextJson,
  type ContextStepJson,
  type ContextWithStepsJson,
  contextJson,
  contextStepJson,
  contextWithStepsJson,
  type FailureJson,
  type OpenedContextJson,
  openedContextJson,
  type RecordedStepJson,
  type RunReportJson,
  type RunStepResultJson,
  recordedStepJson,
  runReportJson,
} from './domain/contexts/context-json.js'
export type { PurgeReport, PurgeTerms } from './domain/contexts/context-purge.js'
export type * from './domain/contexts/context-repository.js'
export * from './domain/contexts/context-service.js'
export * from './domain/errors.js'
export type { IdempotencyKey } from './domain/idempotency.js'
export type { Page } from './domain/page.js'
export type { SearchRanking } from './domain/search/search-index.js'
export { type SearchItemJson, type SearchPageJson, searchPageJson } from './domain/search/search-json.js'
export * from './domain/search/search-service.js'
export * from './domain/sessions/message.js'
export {
  type ForkOrigin,
  type ImportOrigin,
  Session,
  type SessionStatus,
  SessionTruncation,
  sessionStatuses,
} from './domain/sessions/session.js'
export {
  type ArchivedSession,
  type ArchiveLine,
  archiveFormat,
  archiveVersion,
  type MessageJson,
  messageJson,
  type SessionArchive,
  type SessionJson,
  sessionJson,
  type UsageJson,
  usageJson,
} from './domain/sessions/session-archive.js'
export type * from './domain/sessions/session-message-repository.js'
export type * from './domain/sessions/session-repository.js'
export * from './domain/sessions/session-service.js'
export {
  type TokenCounts,
  TokenUsage,
  type TokenUsageInput,
  type UsageByDay,
  type UsageByModel,
  UsageEntry,
  type UsageReport,
} from './domain/sessions/token-usage.js'
export type { UsageLedger } from './domain/sessions/usage-ledger.js'
export type { ModelPrice, PriceTable } from './domain/transcripts/cost.js'
export type { Digest, DigestError, TranscriptDigest } from './domain/transcripts/digest.js'
export type { DomainMap } from './domain/transcripts/domain-map.js'
export {
  type EvictionAction,
  type EvictionDecision,
  type EvictionPass,
  type EvictionProgress,
  type EvictionReport,
  type EvictOptions,
  evictionActions,
  evictionPasses,
} from './domain/transcripts/eviction.js'
export type * from './domain/transcripts/rescan.js'
export {
  type ReadSource,
  Transcript,
  TranscriptEvent,
  type TranscriptFigures,
  type TranscriptFlavor,
  type TranscriptOutcome,
  TranscriptWithSources,
  transcriptFlavors,
  transcriptOutcomes,
} from './domain/transcripts/transcript.js'
export {
  type TranscriptEventKind,
  type TranscriptRole,
  transcriptEventKinds,
  transcriptRoles,
} from './domain/transcripts/transcript-event.js'
export { transcriptEventFromJson, transcriptFromJson } from './domain/transcripts/transcript-from-json.js'
export type * from './domain/transcripts/transcript-ingest.js'
export {
  type DiscoveredSourceJson,
  discoveredSourceJson,
  ingestReportJson,
  type ReadSourceJson,
  type RecurringErrorJson,
  recurringErrorJson,
  type TranscriptEventJson,
  type TranscriptEventsJson,
  type TranscriptJson,
  type TranscriptWithSourcesJson,
  transcriptDigestJson,
  transcriptEventJson,
  transcriptEventsJson,
  transcriptJson,
  transcriptUsageJson,
  transcriptWithSourcesJson,
} from './domain/transcripts/transcript-json.js'
export type { SourceForm, TranscriptSource } from './domain/transcripts/transcript-reader.js'
export * from './domain/transcripts/transcript-service.js'
export type { TranscriptOptions, TranscriptSettings } from './domain/transcripts/transcript-settings.js'
export { Hansard, type HansardParts, type HealthCheck } from './hansard.js'
export { activitySchemas } from './infrastructure/database/activity/activity-schemas.js'
export { TypeOrmActivityRepository } from './infrastructure/database/activity/typeorm-activity-repository.js'
export { TypeOrmActivitySourceRepository } from './infrastructure/database/activity/typeorm-activity-source-repository.js'
export { contextSchemas } from './infrastructure/database/contexts/context-schemas.js'
export { TypeOrmContextRepository } from './infrastructure/database/contexts/typeorm-context-repository.js'
export { type DataSourceSettings, hansardEntities } from './infrastructure/database/data-source.js'
export { hansardMigrations } from './infrastructure/database/migrations.js'
export { sessionSchemas } from './infrastructure/database/sessions/session-schemas.js'
export { TypeOrmSessionMessageRepository } from './infrastructure/database/sessions/typeorm-session-message-repository.js'
export { TypeOrmSessionRepository } from './infrastructure/database/sessions/typeorm-session-repository.js'
export { TypeOrmUsageLedger } from './infrastructure/database/sessions/typeorm-usage-ledger.js'
export type { TableOptions } from './infrastructure/database/tables.js'
export type { Telemetry, TelemetryEvent } from './infrastructure/database/telemetry.js'
export { type Migrations, type OpenHansardOptions, openHansard, openMigrations } from './open-hansard.js'
