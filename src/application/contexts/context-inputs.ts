import { Allow, IsBoolean, IsIn, IsInt, IsObject, Max, Min } from 'class-validator'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import { purgeBounds } from '../../domain/contexts/context-purge.js'
import type { PurgeOptions } from '../../domain/contexts/context-service.js'
import { IsCallback, IsPresent, IsText } from '../input-rules.js'
import { Optional } from '../validated.js'

const dayMs = 24 * 60 * 60_000
export const defaultTtlMs = dayMs
export const defaultRetentionMs = 7 * dayMs
const longestMs = 366 * dayMs
const { retentionMs, batchSize } = purgeBounds

export class OpenContextFields {
  @Optional() @IsObject() savedContext?: JsonObject
  @Optional() @IsText(128) subjectId?: string
  @Optional() @IsInt() @Min(1) @Max(longestMs) ttlMs?: number
  @Optional() @IsBoolean() sliding?: boolean
  @Optional() @IsText(255) idempotencyKey?: string
}

export class StepFields {
  @Optional() @IsText(64) action?: string
  @IsPresent() request!: JsonValue
  @Allow() response?: JsonValue
  @Optional() @IsBoolean() hashOnly?: boolean
  @Optional() @IsText(255) idempotencyKey?: string
}

export class SubjectFields {
  @Optional() @IsText(128) subjectId?: string
}

export class PatchFields {
  @IsObject() patch!: JsonObject
}

export class PatchOptionsFields extends SubjectFields {
  @Optional() @IsInt() @Min(1) expectedVersion?: number
}

export class ListContextsFields extends SubjectFields {
  @Optional() @IsIn(['alive', 'all']) state?: 'alive' | 'all'
  @Optional() @IsInt() @Min(1) @Max(1_000) limit?: number
  @Optional() @IsText(2_000) cursor?: string
}

export class RunFields extends SubjectFields {
  @Optional() @IsObject() savedContext?: JsonObject
  @Optional() @IsText(255) idempotencyKey?: string
  @Optional() @IsBoolean() partial?: boolean
}

export class PurgeFields {
  @Optional() @IsBoolean() dryRun?: boolean
  @Optional() @IsInt() @Min(retentionMs.min) @Max(retentionMs.max) retentionMs?: number
  @Optional() @IsBoolean() agedSteps?: boolean
  @Optional() @IsInt() @Min(batchSize.min) @Max(batchSize.max) batchSize?: number
  @Optional() @IsCallback() onProgress?: PurgeOptions['onProgress']
}
