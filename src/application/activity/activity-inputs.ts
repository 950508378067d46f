import {
  Allow,
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  Max,
  Min,
  ValidateBy,
} from 'class-validator'
import type { BackfillOptions } from '../../domain/activity/activity-backfill.js'
import { maxPathBytes, maxPathLength, maxTextLength } from '../../domain/activity/activity-event.js'
import { activityPurgeBounds } from '../../domain/activity/activity-purge.js'
import type { PurgeEventsOptions } from '../../domain/activity/activity-service.js'
import { type EventKind, eventKindNames } from '../../domain/activity/event-kinds.js'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import { IsBound, IsCallback, IsInstant, IsSequence, IsText } from '../input-rules.js'
import { Optional } from '../validated.js'

const { olderThanMs, batchSize } = activityPurgeBounds

function HasPathBytes(): PropertyDecorator {
  const fits = (value: unknown) => typeof value === 'string' && Buffer.byteLength(value) <= maxPathBytes
  const message = `must be at most ${maxPathBytes} bytes`
  return ValidateBy({ name: 'hasPathBytes', validator: { validate: fits, defaultMessage: () => message } })
}

const IsList = () => IsArray({ message: 'must be a list' })

export class ActivityEventFields {
  @IsText(64) kind!: string
  @Optional() @IsInstant() ts?: Date | string
  @Optional() @IsText(maxTextLength) sessionId?: string
  @Optional() @IsText(maxTextLength) issueId?: string
  @Optional() @IsText(maxTextLength) projectId?: string
  @Optional() @IsText(maxTextLength) actorName?: string
  @Optional() @IsText(maxPathLength) @HasPathBytes() path?: string
  @Optional() @IsText(maxTextLength) name?: string
  @Optional() @IsText(maxTextLength) state?: string
  @Optional() @IsSequence() retries?: number
  @Optional() @IsText(maxTextLength) nativeId?: string
  @Optional() @IsObject() payload?: JsonObject
  @Allow() args?: JsonValue
}

export class EventPageFields {
  @Optional() @IsInt() @Min(1) @Max(1_000) limit?: number
  @Optional() @IsText(2_000) cursor?: string
}

export class RecentEventsFields extends EventPageFields {
  @Optional() @IsIn(eventKindNames) kind?: EventKind
  @Optional() @IsBound() since?: Date | string
  @Optional() @IsBound() until?: Date | string
  @Optional() @IsText(maxTextLength) sessionId?: string
  @Optional() @IsText(maxTextLength) issueId?: string
  @Optional() @IsText(maxTextLength) projectId?: string
  @Optional() @IsText(maxTextLength) actorName?: string
  @Optional() @IsText(maxPathLength) path?: string
  @Optional() @IsText(maxTextLength) name?: string
  @Optional() @IsText(maxTextLength) state?: string
}

export class RelatedSubjectFields {
  @Optional() @IsText(maxPathLength) path?: string
  @Optional() @IsText(maxTextLength) issueId?: string
  @Optional() @IsText(maxTextLength) sessionId?: string
  @Optional() @IsText(maxTextLength) loop?: string
}

export class FailedLoopsFields {
  @IsText(maxPathLength) path!: string
  @Optional() @IsBound() since?: Date | string
  @Optional() @IsInt() @Min(1) @Max(1_000) limit?: number
}

export class FailingToolsFields {
  @Optional() @IsBound() since?: Date | string
  @Optional() @IsText(maxTextLength) projectId?: string
  @Optional() @IsInt() @Min(1) @Max(1_000) limit?: number
}

export class PurgeEventsFields {
  @IsInt() @Min(olderThanMs.min) @Max(olderThanMs.max) olderThanMs!: number
  @Optional() @IsIn(eventKindNames, { each: true }) @ArrayNotEmpty() @IsList() kinds?: EventKind[]
  @Optional() @IsBoolean() dryRun?: boolean
  @Optional() @IsInt() @Min(batchSize.min) @Max(batchSize.max) batchSize?: number
  @Optional() @IsCallback() onProgress?: PurgeEventsOptions['onProgress']
}

/** What systems take for a path at most. */
const maxFilePathLength = 4_096

export class BackfillFields {
  @Optional() @IsText(maxFilePathLength) issuesDir?: string
  @Optional() @IsText(maxFilePathLength) loopsDir?: string
  // The rule that stands last is the one that is told first.
  @Optional() @IsText(maxFilePathLength, { each: true }) @ArrayMaxSize(10_000) @IsList() transcripts?: string[]
  @Optional() @IsBoolean() again?: boolean
  @Optional() @IsCallback() onProgress?: BackfillOptions['onProgress']
}

export class SinkFields {
  @Optional() @IsInt() @Min(1) @Max(1_000_000) capacity?: number
  @Optional() @IsInt() @Min(1) @Max(1_000) batchSize?: number
  @Optional() @IsInt() @Min(0) @Max(60_000) closeWithinMs?: number
}
