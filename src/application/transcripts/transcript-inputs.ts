import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator'
import { type TranscriptOutcome, transcriptFlavors, transcriptOutcomes } from '../../domain/transcripts/transcript.js'
import { type TranscriptEventKind, transcriptEventKinds } from '../../domain/transcripts/transcript-event.js'
import type { IngestOptions } from '../../domain/transcripts/transcript-ingest.js'
import type {
  ErrorsOptions,
  ListTranscriptsOptions,
  TranscriptEventsOptions,
  TranscriptUsageOptions,
  UsageGrouping,
} from '../../domain/transcripts/transcript-service.js'
import { usageGroupings } from '../../domain/transcripts/transcript-service.js'
import { IsCallback, IsInstant, IsSequence, IsText } from '../input-rules.js'
import { Optional } from '../validated.js'

const maxTextLength = 1024

class LimitFields {
  @Optional()
  @IsInt({ message: 'must be a whole number from 1 to 1000' })
  @Min(1, { message: 'must be a whole number from 1 to 1000' })
  @Max(1000, { message: 'must be a whole number from 1 to 1000' })
  limit?: number
}

export class IngestFields implements IngestOptions {
  @Optional() @IsArray() @ArrayMaxSize(100_000) @IsText(4096, { each: true }) paths?: string[]
  @Optional() @IsArray() @IsIn(transcriptFlavors, { each: true }) flavors?: string[]
  @Optional() @IsBoolean() redact?: boolean
  @Optional() @IsBoolean() activity?: boolean
  @Optional() @IsCallback() onProgress?: IngestOptions['onProgress']
}

export class ListTranscriptsFields extends LimitFields implements ListTranscriptsOptions {
  @Optional() @IsIn(transcriptFlavors) flavor?: string
  @Optional() @IsIn(transcriptOutcomes) outcome?: TranscriptOutcome
  @Optional() @IsText(maxTextLength) project?: string
  @Optional() @IsInstant() since?: Date | string
  @Optional() @IsInstant() until?: Date | string
  @Optional() @IsIn(['newest', 'oldest']) order?: 'newest' | 'oldest'
  @Optional() @IsText(1024) cursor?: string
}

export class TranscriptEventsFields extends LimitFields implements TranscriptEventsOptions {
  @Optional() @IsSequence() after?: number
  @Optional() @IsArray() @IsIn(transcriptEventKinds, { each: true }) kinds?: TranscriptEventKind[]
  @Optional() @IsBoolean() withBodies?: boolean
}

export class ErrorsFields extends LimitFields implements ErrorsOptions {
  @Optional() @IsInstant() since?: Date | string
  @Optional() @IsText(maxTextLength) project?: string
  @Optional() @IsText(maxTextLength) tool?: string
}

export class TranscriptUsageFields implements TranscriptUsageOptions {
  @Optional() @IsInstant() since?: Date | string
  @Optional() @IsInstant() until?: Date | string
  @Optional() @IsIn(usageGroupings) by?: UsageGrouping
}
