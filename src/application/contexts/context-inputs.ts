import { Allow, IsBoolean, IsIn, IsInt, IsObject, IsOptional, Max, Min } from 'class-validator'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import type { PurgeOptions } from '../../domain/contexts/context-service.js'
import { IsPresent, IsText } from '../input-rules.js'

const dayMs = 24 * 60 * 60_000
export const defaultTtlMs = dayMs
export const defaultRetentionMs = 7 * dayMs
const longestMs = 366 * dayMs

export class OpenContextFields {
  @IsOptional() @IsObject() savedContext?: JsonObject
  @IsOptional() @IsText(128) subjectId?: string
  @IsOptional() @IsInt() @Min(1) @Max(longestMs) ttlMs?: number
  @IsOptional() @IsBoolean() sliding?: boolean
  @IsOptional() @IsText(255) idempotencyKey?: string
}

export class StepFields {
  @IsOptional() @IsText(64) action?: string
  @IsPresent() request!: JsonValue
  @Allow() response?: JsonValue
  @IsOptional() @IsBoolean() hashOnly?: boolean
  @IsOptional() @IsText(255) idempotencyKey?: string
}

export class SubjectFields {
  @IsOptional() @IsText(128) subjectId?: string
}

export class PatchFields {
  @IsObject() patch!: JsonObject
}

export class PatchOptionsFields extends SubjectFields {
  @IsOptional() @IsInt() @Min(1) expectedVersion?: number
}

export class ListContextsFields extends SubjectFields {
  @IsOptional() @IsIn(['alive', 'all']) state?: 'alive' | 'all'
  @IsOptional() @IsInt() @Min(1) @Max(1_000) limit?: number
  @IsOptional() @IsText(2_000) cursor?: string
}

export class RunFields extends SubjectFields {
  @IsOptional() @IsObject() savedContext?: JsonObject
  @IsOptional() @IsText(255) idempotencyKey?: string
  @IsOptional() @IsBoolean() partial?: boolean
}

export class PurgeFields {
  @IsOptional() @IsBoolean() dryRun?: boolean
  @IsOptional() @IsInt() @Min(0) @Max(100 * longestMs) retentionMs?: number
  @IsOptional() @IsBoolean() agedSteps?: boolean
  @IsOptional() @IsInt() @Min(1) @Max(10_000) batchSize?: number
  @IsOptional() onProgress?: PurgeOptions['onProgress']
}
