import { IsIn, IsInt, IsObject, IsOptional, Max, Min } from 'class-validator'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import { type MessageRole, messageRoles } from '../../domain/sessions/message.js'
import { type SessionStatus, sessionStatuses } from '../../domain/sessions/session.js'
import type { AppendMessageInput } from '../../domain/sessions/session-service.js'
import { IsCostUsd, IsInstant, IsPresent, IsText, IsTokenCount } from '../input-rules.js'

class NewSessionFields {
  @IsText(255) actorName!: string
  @IsOptional() @IsText(10_000, { empty: true }) title?: string | null
  @IsOptional() @IsObject() metadata?: JsonObject
  @IsOptional() @IsText(255) idempotencyKey?: string
}

export class CreateSessionFields extends NewSessionFields {
  @IsOptional() @IsText(255) externalId?: string | null
}

// Not a kind of the other: what is optional in a base class is so in every class below it.
export class GetOrCreateSessionFields extends NewSessionFields {
  @IsText(255) externalId!: string
}

export class UpdateSessionFields {
  @IsOptional() @IsText(10_000, { empty: true }) title?: string | null
  @IsOptional() @IsIn(sessionStatuses) status?: SessionStatus
  @IsOptional() @IsObject() metadata?: JsonObject
}

export class ListSessionsFields {
  @IsOptional() @IsText(255) actorName?: string
  @IsOptional() @IsIn(sessionStatuses) status?: SessionStatus
  @IsOptional() @IsObject() metadata?: Record<string, JsonValue>
  @IsOptional() @IsText(255, { empty: true }) metadataKey?: string
  @IsOptional() @IsInstant() createdAfter?: Date
  @IsOptional() @IsInstant() createdBefore?: Date
  @IsOptional() @IsInt() @Min(1) @Max(1_000) limit?: number
  @IsOptional() @IsInt() @Min(0) offset?: number
  @IsOptional() @IsIn(['newest', 'oldest']) order?: 'newest' | 'oldest'
  @IsOptional() @IsText(2_000) cursor?: string
}

export class AppendMessageFields {
  @IsIn(messageRoles) role!: MessageRole
  @IsPresent()
  content!: JsonValue
  @IsOptional() @IsObject() metadata?: JsonObject
  @IsOptional() @IsText(255) toolCallId?: string | null
  @IsOptional() @IsTokenCount() @Max(2_147_483_647) tokenCount?: number | null
  @IsOptional() @IsInstant() createdAt?: Date | string
  @IsOptional() @IsObject() usage?: AppendMessageInput['usage']
}

export class AppendOptionsFields {
  @IsOptional() @IsText(255) idempotencyKey?: string
  @IsOptional() @IsInt() @Min(0) expectedSequence?: number
}

export class ListMessagesFields {
  @IsOptional() @IsInt() @Min(0) after?: number
  @IsOptional() @IsInt() @Min(1) before?: number
  @IsOptional() @IsInt() @Min(1) @Max(10_000) latest?: number
  @IsOptional() @IsInt() @Min(1) @Max(10_000) limit?: number
  @IsOptional() @IsInt() @Min(0) offset?: number
}

export class TruncateFields {
  @IsInt() @Min(0) afterSequence!: number
}

export class TokenUsageFields {
  @IsOptional() @IsTokenCount() inputTokens?: number
  @IsOptional() @IsTokenCount() cacheReadTokens?: number
  @IsOptional() @IsTokenCount() cacheWriteTokens?: number
  @IsOptional() @IsTokenCount() outputTokens?: number
  @IsOptional() @IsTokenCount() reasoningTokens?: number
  @IsOptional() @IsCostUsd() estimatedCostUsd?: number
}

export class MessageUsageFields extends TokenUsageFields {
  @IsOptional() @IsText(255) model?: string | null
}

export class UsageOptionsFields {
  @IsOptional() @IsText(255) idempotencyKey?: string
  @IsOptional() @IsText(255) model?: string | null
}

export class ForkFields {
  @IsOptional() @IsInt() @Min(0) atSequence?: number
  @IsOptional() @IsText(255) idempotencyKey?: string
  @IsOptional() @IsText(10_000, { empty: true }) title?: string | null
}

export class ImportFields {
  @IsOptional() @IsIn(['fresh', 'preserve']) ids?: 'fresh' | 'preserve'
  @IsOptional() @IsText(255) externalId?: string | null
  @IsOptional() dryRun?: boolean
  @IsOptional() @IsText(255) idempotencyKey?: string
  @IsOptional() onProgress?: (progress: { messages: number; total: number }) => void
}

export class FollowFields {
  @IsOptional() @IsInt() @Min(0) after?: number
  @IsOptional() signal?: AbortSignal
}
