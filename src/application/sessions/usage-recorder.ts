import { replayOf } from '../../domain/idempotency.js'
import type { UsageOptions } from '../../domain/sessions/session-service.js'
import { addUsage, type TokenUsageInput } from '../../domain/sessions/token-usage.js'
import { idempotencyKey } from '../idempotency.js'
import { requireText, validated } from '../validated.js'
import { usageEntry, usageOf } from './new-messages.js'
import { TokenUsageFields, UsageOptionsFields } from './session-inputs.js'
import { messageContext, type SessionServiceParts } from './session-service-parts.js'

/** Writes the usage ledger: a delta adds, a correction brings the totals to what they should be. */
export class UsageRecorder {
  constructor(private readonly parts: SessionServiceParts) {}

  async record(
    id: string,
    kind: 'delta' | 'correction',
    plain: TokenUsageInput,
    plainOptions: UsageOptions,
  ): Promise<void> {
    const options = validated(UsageOptionsFields, plainOptions, 'options')
    const figures = usageOf(plain, 'usage', TokenUsageFields)
    const context = messageContext(this.parts, requireText(id, 'id'))
    const entry = usageEntry(figures, { kind, model: options.model ?? null }, context)
    const key = idempotencyKey(id, options.idempotencyKey, { call: kind, figures: { ...figures }, model: entry.model })
    if (kind === 'delta' && !key) return this.parts.ledger.record(id, [Object.assign(entry, figures)])
    await this.parts.unitOfWork.inTransaction(async ({ sessions, ledger }) => {
      // The row lock first: whoever holds it sees every key and total that is committed.
      const current = await ledger.lock(id)
      const known = key && (await sessions.keyed(key.scope, key.key))
      if (key && known) return void replayOf(known, key)
      const change = kind === 'delta' ? figures : addUsage(figures, current, -1)
      await ledger.record(id, [Object.assign(entry, change)])
      if (key) await sessions.keepKey(key, id, context.at)
    })
  }
}
