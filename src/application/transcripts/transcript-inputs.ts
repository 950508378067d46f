import { resolve } from 'node:path'
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator'
import { type EvictOptions, evictionBounds } from '../../domain/transcripts/eviction.js'
import type { RescanOptions } from '../../domain/transcripts/rescan.js'
import { type TranscriptOutcome, transcriptFlavors, transcriptOutcomes } from '../../domain/transcripts/transcript.js'
import { type TranscriptEventKind, transcriptEventKinds } from '../../domain/transcripts/transcript-event.js'
import type { IngestOptions, WatchOptions } from '../../domain/transcripts/transcript-ingest.js'
import type {
  ErrorsOptions,
  ListTranscriptsOptions,
  TranscriptEventsOptions,
  TranscriptUsageOptions,
  UsageGrouping,
} from '../../domain/transcripts/transcript-service.js'
import { usageGroupings } from '../../domain/transcripts/transcript-service.js'
import { IsBound, IsCallback, IsSequence, IsSignal, IsText } from '../input-rules.js'
import { Optional } from '../validated.js'

const maxTextLength = 1024
const maxWaitMs = 86_400_000
const { capBytes, maxAgeMs } = evictionBounds

function IsDuration(): PropertyDecorator {
  const message = `must be a whole number of milliseconds from 1 to ${maxWaitMs}`
  return (prototype, name) => {
    for (const rule of [IsInt({ message }), Min(1, { message }), Max(maxWaitMs, { message })]) rule(prototype, name)
  }
}

class LimitFields {
  @Optional()
  @IsInt({ message: 'must be a whole number from 1 to 1000' })
  @Min(1, { message: 'must be a whole number from 1 to 1000' })
  @Max(1000, { message: 'must be a whole number from 1 to 1000' })
  limit?: number
}

class SourceFields implements Omit<IngestOptions, 'again'> {
  @Optional() @IsArray() @ArrayMaxSize(100_000) @IsText(4096, { each: true }) paths?: string[]
  @Optional() @IsArray() @IsIn(transcriptFlavors, { each: true }) flavors?: string[]
  @Optional() @IsBoolean() redact?: boolean
  @Optional() @IsBoolean() activity?: boolean
  @Optional() @IsCallback() onProgress?: IngestOptions['onProgress']
  @Optional() @IsSignal() signal?: AbortSignal
}

export class IngestFields extends SourceFields implements IngestOptions {
  @Optional() @IsBoolean() again?: boolean
}

export class WatchFields extends SourceFields implements WatchOptions {
  @Optional() @IsDuration() quietMs?: number
  @Optional() @IsDuration() rescanMs?: number
}

/** A source is known by its whole path, wherever the process stands. */
export function withWholePaths<Options extends Pick<IngestFields, 'paths'>>(options: Options): Options {
  return options.paths ? { ...options, paths: options.paths.map((path) => resolve(path)) } : options
}

export class ListTranscriptsFields extends LimitFields implements ListTranscriptsOptions {
  @Optional() @IsIn(transcriptFlavors) flavor?: string
  @Optional() @IsIn(transcriptOutcomes) outcome?: TranscriptOutcome
  @Optional() @IsText(maxTextLength) project?: string
  @Optional() @IsText(maxTextLength) repo?: string
  @Optional() @IsText(maxTextLength) domain?: string
  @Optional() @IsBound() since?: Date | string
  @Optional() @IsBound() until?: Date | string
  @Optional() @IsIn(['newest', 'oldest']) order?: 'newest' | 'oldest'
  @Optional() @IsText(1024) cursor?: string
}

export class TranscriptEventsFields extends LimitFields implements TranscriptEventsOptions {
  @Optional() @IsSequence() after?: number
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(transcriptEventKinds.length)
  @IsIn(transcriptEventKinds, { each: true })
  kinds?: TranscriptEventKind[]
  @Optional() @IsBoolean() withBodies?: boolean
}

export class ErrorsFields extends LimitFields implements ErrorsOptions {
  @Optional() @IsBound() since?: Date | string
  @Optional() @IsText(maxTextLength) project?: string
  @Optional() @IsText(maxTextLength) domain?: string
  @Optional() @IsText(maxTextLength) tool?: string
}

export class TranscriptUsageFields implements TranscriptUsageOptions {
  @Optional() @IsBound() since?: Date | string
  @Optional() @IsBound() until?: Date | string
  @Optional() @IsText(maxTextLength) project?: string
  @Optional() @IsText(maxTextLength) domain?: string
  @Optional() @IsIn(usageGroupings) by?: UsageGrouping
}

export class EvictFields implements EvictOptions {
  @Optional() @IsBoolean() dryRun?: boolean
  @Optional() @IsInt() @Min(capBytes.min) @Max(capBytes.max) softCapBytes?: number
  @Optional() @IsInt() @Min(capBytes.min) @Max(capBytes.max) hardCapBytes?: number
  @Optional() @IsInt() @Min(maxAgeMs.min) @Max(maxAgeMs.max) maxAgeMs?: number
  @Optional() @IsCallback() onProgress?: EvictOptions['onProgress']
}

export class HoldFields {
  @IsText(maxTextLength) reason!: string
}

export class RescanFields implements RescanOptions {
  @Optional() @IsArray() @ArrayMaxSize(100_000) @IsText(320, { each: true }) uids?: string[]
  @Optional() @IsBoolean() dryRun?: boolean
  @Optional() @IsCallback() onProgress?: RescanOptions['onProgress']
}
