import type { Clock } from '../../domain/clock.js'
import type { IdFactory } from '../../domain/ids.js'
import type { TranscriptEvictionRepository } from '../../domain/transcripts/eviction-repository.js'
import type { TranscriptIngestRepository } from '../../domain/transcripts/ingest-repository.js'
import type { TranscriptRescanRepository } from '../../domain/transcripts/rescan-repository.js'
import type { FolderWatch, Surroundings, TranscriptReader } from '../../domain/transcripts/transcript-reader.js'
import type {
  TranscriptAnalysisRepository,
  TranscriptRepository,
} from '../../domain/transcripts/transcript-repository.js'
import type { OpenCalls } from '../open-calls.js'

/** What the pieces of the service are made of. */
export interface TranscriptServiceParts {
  readers: readonly TranscriptReader[]
  surroundings: () => Surroundings
  watchFolder: FolderWatch
  ingest: TranscriptIngestRepository
  analysis: TranscriptAnalysisRepository
  transcripts: TranscriptRepository
  evictions: TranscriptEvictionRepository
  rescans: TranscriptRescanRepository
  namespace: string
  clock: Clock
  newId: IdFactory
  calls: OpenCalls
}
