import { hansardEntities, hansardMigrations, isHansardError, openHansard, type SessionMessage } from 'hansard'
import type { EntityManager } from 'typeorm'

// Compiled only: what a host in strict TypeScript writes must need no cast.
interface ProviderMessage {
  content: { type: 'text'; text: string }[]
}

export const entities = hansardEntities()
export const migrations = hansardMigrations()

export async function answer(id: string, reply: ProviderMessage, manager: EntityManager): Promise<SessionMessage[]> {
  const hansard = await openHansard({ database: 'sqlite:./app.db', durability: 'normal' })
  const metadata: { channel: string } = { channel: 'web' }
  const turn = [{ role: 'assistant', content: reply.content, metadata }] as const
  try {
    await hansard.withTransaction(manager).sessions.appendMessage(id, { role: 'user', content: 'Hello' })
    return await hansard.sessions.appendMessages(id, turn, { expectedSequence: 1 })
  } catch (error) {
    if (isHansardError(error, 'SEQUENCE_CONFLICT')) throw new RangeError('moved', { cause: error.actual })
    if (isHansardError(error, 'INVALID_INPUT')) throw new RangeError(error.problems.map(({ path }) => path).join())
    throw error
  }
}
