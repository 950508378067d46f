import { IsArray, IsIn, IsObject, ValidateBy, type ValidationArguments } from 'class-validator'
import type { JsonObject } from '../../domain/canonical-json.js'
import { type SessionStatus, sessionStatuses } from '../../domain/sessions/session.js'
import { fromNanoUsd, maxNanoUsd, toNanoUsd } from '../../domain/sessions/token-usage.js'
import { HasMetadataKeys, IsInstantText, IsSequence, IsText, IsTokenCount, IsUlid } from '../input-rules.js'
import { Nullable } from '../validated.js'

/** The shape of what archives hold, held to the same rules as what callers hand in. */
export class ArchivedSessionFields {
  @IsUlid() id!: string
  @IsText(255) namespace!: string
  @Nullable() @IsText(255) externalId?: string | null
  @IsText(255) actorName!: string
  @Nullable() @IsText(10_000, { empty: true }) title?: string | null
  @IsIn(sessionStatuses) status!: SessionStatus
  @IsObject() @HasMetadataKeys() metadata!: JsonObject
  @IsSequence() messageCount!: number
  @IsSequence() lastSequence!: number
  @IsObject() tokenUsage!: object
  @Nullable() @IsObject() forkedFrom?: object | null
  @Nullable() @IsObject() importedFrom?: object | null
  @IsInstantText() createdAt!: string
  @IsInstantText() updatedAt!: string
  @IsArray() truncations!: unknown[]
}

export class ForkOriginFields {
  @IsUlid() sessionId!: string
  @IsSequence() sequence!: number
}

export class ImportOriginFields {
  @IsUlid() sessionId!: string
  @IsText(255) namespace!: string
  @IsText(71) checksum!: string
  @IsInstantText() importedAt!: string
}

export class TruncationFields {
  @IsSequence() afterSequence!: number
  @IsSequence(1) lastSequence!: number
  @IsSequence() removedCount!: number
  @IsInstantText() createdAt!: string
}

/** What an archived message has beyond what a caller appends. */
export class ArchivedMessageFields {
  @IsUlid() id!: string
  @IsSequence(1) sequence!: number
  @IsText(71) contentHash!: string
  @IsInstantText() createdAt!: string
  @IsInstantText() recordedAt!: string
}

export class TotalFields {
  @IsTokenCount() inputTokens!: number
  @IsTokenCount() cacheReadTokens!: number
  @IsTokenCount() cacheWriteTokens!: number
  @IsTokenCount() outputTokens!: number
  @IsTokenCount() reasoningTokens!: number
  @IsNanoCost() estimatedCostUsd!: number
}

export class ArchivedUsageFields {
  @IsUlid() id!: string
  @IsSequence(1) sequence!: number
  @IsIn(['delta', 'correction']) kind!: 'delta' | 'correction'
  @Nullable() @IsText(255) model?: string | null
  @IsFigure() inputTokens!: number
  @IsFigure() cacheReadTokens!: number
  @IsFigure() cacheWriteTokens!: number
  @IsFigure() outputTokens!: number
  @IsFigure() reasoningTokens!: number
  @IsNanoCost() estimatedCostUsd!: number
  @IsInstantText() createdAt!: string
}

const isCorrection = (args?: ValidationArguments) =>
  (args?.object as { kind?: unknown } | undefined)?.kind === 'correction'

/** Only a correction takes anything back. */
function IsFigure(): PropertyDecorator {
  const isFigure = (value: unknown, args?: ValidationArguments) =>
    Number.isSafeInteger(value) && ((value as number) >= 0 || isCorrection(args))
  const message = 'must be a whole number of tokens, below 0 only in a correction'
  return ValidateBy({ name: 'isFigure', validator: { validate: isFigure, defaultMessage: () => message } })
}

function IsNanoCost(): PropertyDecorator {
  const isCost = (value: unknown, args?: ValidationArguments) =>
    typeof value === 'number' &&
    Math.abs(value) <= fromNanoUsd(maxNanoUsd) &&
    fromNanoUsd(toNanoUsd(value)) === value &&
    (value >= 0 || isCorrection(args))
  const message = `must be US dollars in whole nano-dollars, at most ${fromNanoUsd(maxNanoUsd)}, below 0 only in a correction`
  return ValidateBy({ name: 'isNanoCost', validator: { validate: isCost, defaultMessage: () => message } })
}
