import type { AppendMessageInput, CreateSessionInput, SessionService } from '../../src/index.js'

export const fullSession: CreateSessionInput = {
  actorName: 'Ada Lovelace',
  externalId: 'ticket-7',
  title: 'A “daily” — 世界 👋',
  metadata: { zone: 'eu', labels: ['daily', null], nested: { z: 1, a: [true, 0.1] } },
}

/** JSON text, since no literal can have a key of its own called `__proto__`. */
const strangeKeys = JSON.parse(
  '{"__proto__":{"admin":true},"z":1,"a":2,"\\u0000":"\\ud83d"}',
) as AppendMessageInput['content']

const turns: AppendMessageInput[] = [
  { role: 'system', content: 'Be brief.', createdAt: new Date('2025-12-31T23:59:59.999Z') },
  { role: 'user', content: [{ type: 'text', text: 'What is new?\u2028' }], metadata: { channel: 'web' } },
  {
    role: 'assistant',
    content: strangeKeys,
    tokenCount: 12,
    usage: { model: 'model-a', outputTokens: 12, estimatedCostUsd: 0.000000001 },
  },
  { role: 'tool', content: null, toolCallId: 'call-9' },
  { role: 'user', content: 'Forget that.' },
]

/** A session that uses everything there is: what an archive must not lose. */
export async function makeFullSession(sessions: SessionService): Promise<{ id: string }> {
  const { id } = await sessions.create(fullSession)
  await sessions.appendMessages(id, turns)
  await sessions.updateTokenUsage(id, { inputTokens: 100, cacheReadTokens: 7, cacheWriteTokens: 3, reasoningTokens: 1 })
  await sessions.setTokenUsage(id, { inputTokens: 90, outputTokens: 20, estimatedCostUsd: 0.3 }, { model: 'model-b' })
  await sessions.truncate(id, { afterSequence: 4 })
  await sessions.appendMessage(id, { role: 'user', content: 'Thank you.' })
  await sessions.update(id, { status: 'closed' })
  return { id }
}
