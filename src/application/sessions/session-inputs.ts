import { IsBoolean, IsIn, IsInt, IsObject, IsString, Max, MaxLength, Min } from 'class-validator'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import { type MessageRole, messageRoles } from '../../domain/sessions/message.js'
import { maxSequence, type SessionStatus, sessionStatuses } from '../../domain/sessions/session.js'
import type { AppendMessageInput } from '../../domain/sessions/session-service.js'
import {
  HasMetadataKeys,
  IsBound,
  IsCallback,
  IsCostUsd,
  IsInstant,
  IsPresent,
  IsSequence,
  IsSignal,
  IsText,
  IsTokenCount,
  maxKeyLength,
} from '../input-rules.js'
import { Nullable, Optional } from '../validated.js'

class NewSessionFields {
  @IsText(255) actorName!: string
  @Nullable() @IsText(10_000, { empty: true }) title?: string | null
  @Optional() @IsObject() @HasMetadataKeys() metadata?: JsonObject
  @Optional() @IsText(255) idempotencyKey?: string
}

export class CreateSessionFields extends NewSessionFields {
  @Nullable() @IsText(255) externalId?: string | null
}

/** Not a kind of the above: what may be left out there would stay so here. */
export class GetOrCreateSessionFields extends NewSessionFields {
  @IsText(255) externalId!: string
}

export class UpdateSessionFields {
  @Nullable() @IsText(10_000, { empty: true }) title?: string | null
  @Optional() @IsIn(sessionStatuses) status?: SessionStatus
  @Optional() @IsObject() @HasMetadataKeys() metadata?: JsonObject
}

export class ListSessionsFields {
  @Optional() @IsText(255) actorName?: string
  @Optional() @IsIn(sessionStatuses) status?: SessionStatus
  @Optional() @IsObject() metadata?: Record<string, JsonValue>
  @Optional() @IsString() @MaxLength(maxKeyLength) metadataKey?: string
  @Optional() @IsBound() createdAfter?: Date | string
  @Optional() @IsBound() createdBefore?: Date | string
  @Optional() @IsInt() @Min(1) @Max(1_000) limit?: number
  @Optional() @IsSequence() offset?: number
  @Optional() @IsIn(['newest', 'oldest']) order?: 'newest' | 'oldest'
  @Optional() @IsText(2_000) cursor?: string
}

export class AppendMessageFields {
  @IsIn(messageRoles) role!: MessageRole
  @IsPresent()
  content!: JsonValue
  @Optional() @IsObject() metadata?: JsonObject
  @Nullable() @IsText(255) toolCallId?: string | null
  @Nullable() @IsTokenCount() @Max(maxSequence) tokenCount?: number | null
  @Optional() @IsInstant() createdAt?: Date | string
  @Optional() @IsObject() usage?: AppendMessageInput['usage']
}

export class AppendOptionsFields {
  @Optional() @IsText(255) idempotencyKey?: string
  @Optional() @IsSequence() expectedSequence?: number
}

export class ListMessagesFields {
  @Optional() @IsSequence() after?: number
  @Optional() @IsSequence(1) before?: number
  @Optional() @IsInt() @Min(1) @Max(10_000) latest?: number
  @Optional() @IsInt() @Min(1) @Max(10_000) limit?: number
  @Optional() @IsSequence() offset?: number
}

export class TruncateFields {
  @IsSequence() afterSequence!: number
}

export class TokenUsageFields {
  @Optional() @IsTokenCount() inputTokens?: number
  @Optional() @IsTokenCount() cacheReadTokens?: number
  @Optional() @IsTokenCount() cacheWriteTokens?: number
  @Optional() @IsTokenCount() outputTokens?: number
  @Optional() @IsTokenCount() reasoningTokens?: number
  @Optional() @IsCostUsd() estimatedCostUsd?: number
}

export class MessageUsageFields extends TokenUsageFields {
  @Nullable() @IsText(255) model?: string | null
}

export class UsageOptionsFields {
  @Optional() @IsText(255) idempotencyKey?: string
  @Nullable() @IsText(255) model?: string | null
}

export class ForkFields {
  @Optional() @IsSequence() atSequence?: number
  @Optional() @IsText(255) idempotencyKey?: string
  @Nullable() @IsText(10_000, { empty: true }) title?: string | null
}

export class ImportFields {
  @Optional() @IsIn(['fresh', 'preserve']) ids?: 'fresh' | 'preserve'
  @Nullable() @IsText(255) externalId?: string | null
  @Optional() @IsBoolean() dryRun?: boolean
  @Optional() @IsText(255) idempotencyKey?: string
  @Optional() @IsCallback() onProgress?: (progress: { messages: number; total: number }) => void
}

export class FollowFields {
  @Optional() @IsSequence() after?: number
  @Optional() @IsSignal() signal?: AbortSignal
}
