import type { Hansard } from '../src/index.js'
import { content, type Side, spent } from './side.js'

/** Our library, through the calls that its users make. */
export function hansardSide(hansard: Hansard): Side {
  const { sessions } = hansard
  const listed = hansard.namespace('listed').sessions
  const message = { role: 'user', content } as const
  const batches = new Map<number, (typeof message)[]>()
  const batch = (count: number) => {
    const known = batches.get(count) ?? Array<typeof message>(count).fill(message)
    batches.set(count, known)
    return known
  }
  return {
    create: async () => (await sessions.create({ actorName: 'ada' })).id,
    get: (id) => sessions.get(id),
    list: () => listed.list({ limit: 50 }),
    append: (id, count) =>
      count === 1 ? sessions.appendMessage(id, message) : sessions.appendMessages(id, batch(count)),
    spend: (id) => sessions.updateTokenUsage(id, spent),
    read: async (id) => (await sessions.messages(id, { limit: 1_000 })).items,
    exportSession: (id) => sessions.exportSession(id),
    importSession: (archive) => sessions.importSession(archive, { externalId: null }),
    close: () => hansard.close(),
  }
}
