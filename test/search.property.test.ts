import assert from 'node:assert/strict'
import fc from 'fast-check'
import { tokens } from '../src/domain/search/search-text.js'
import type { Hansard, Session } from '../src/index.js'
import { testOnBoth } from './test-store.js'

const words = ['deploy', 'Crème', '東京', 'rollback']
const step = 1_000

const text = fc.array(fc.constantFrom(...words, 'other'), { maxLength: 4 }).map((said) => said.join(' '))
const operation = fc.record({
  op: fc.constantFrom(
    ...(['append', 'append', 'batch', 'batch', 'record', 'record', 'recordAll'] as const),
    ...(['create', 'fork', 'import', 'truncate', 'delete', 'deleteEvent', 'purge', 'reindex'] as const),
  ),
  texts: fc.array(text, { minLength: 2, maxLength: 5 }),
  /** Which namespace, and which session, event or message of it. */
  wing: fc.nat({ max: 1 }),
  pick: fc.nat({ max: 20 }),
})
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** Two namespaces of one store, of which nothing is known but what it lists. */
class Model {
  constructor(private readonly wings: Hansard[]) {}

  async apply({ op, texts, wing, pick }: Operation): Promise<void> {
    const hansard = this.wings[wing] as Hansard
    const [first = ''] = texts
    const said = texts.map((content) => ({ role: 'user' as const, content }))
    const { sessions, activity } = hansard
    const session = await this.session(hansard, pick)
    const noted = (content: string) => ({ kind: 'custom', name: 'note', sessionId: session?.id, payload: { content } })
    const event = chosen((await activity.recent()).items, pick)
    const deeds: Record<Operation['op'], () => Promise<unknown> | undefined> = {
      create: () => sessions.create({ actorName: 'ada' }),
      append: () =>
        session && sessions.appendMessage(session.id, { role: 'user', content: [{ type: 'text', text: first }] }),
      batch: () => session && sessions.appendMessages(session.id, said),
      record: () => activity.record(noted(first)),
      recordAll: () => activity.recordAll(texts.map(noted)),
      fork: () => session && sessions.fork(session.id, { atSequence: pick % (session.lastSequence + 1) }),
      import: () => session && this.carryOver(hansard, session.id, pick),
      truncate: () => session && sessions.truncate(session.id, { afterSequence: pick % (session.lastSequence + 1) }),
      delete: () => session && sessions.delete(session.id),
      deleteEvent: () => event && activity.delete(event.id),
      purge: () => activity.purge({ olderThanMs: (pick % 5) * step }),
      reindex: () => hansard.reindexSearch(),
    }
    await deeds[op]()
  }

  private async session({ sessions }: Hansard, pick: number): Promise<Session | undefined> {
    return chosen((await sessions.list()).items, pick)
  }

  private async carryOver(from: Hansard, id: string, pick: number): Promise<void> {
    const to = this.wings[pick % this.wings.length] as Hansard
    await to.sessions.importSession(await from.sessions.exportSession(id))
  }
}

function chosen<T>(items: T[], pick: number): T | undefined {
  return items[pick % Math.max(1, items.length)]
}

/** The ids of all that holds the word, as the lists of the store tell. */
async function holders({ sessions, activity }: Hansard, word: string): Promise<string[]> {
  const wanted = tokens(word).join(' ')
  const holds = (json: unknown) => ` ${tokens(JSON.stringify(json)).join(' ')} `.includes(` ${wanted} `)
  const found: string[] = []
  for (const { id } of (await sessions.list({ limit: 1_000 })).items) {
    const { items } = await sessions.messages(id, { limit: 10_000 })
    found.push(...items.filter(({ content }) => holds(content)).map((message) => message.id))
  }
  const events = (await activity.recent({ limit: 1_000 })).items
  return [...found, ...events.filter(({ payload }) => holds(payload)).map(({ id }) => id)]
}

async function everyPage(hansard: Hansard, query: string, limit: number): Promise<string[]> {
  const refs: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await hansard.search(query, { limit, cursor })
    assert.equal(page.items.length === limit || page.nextCursor === null, true, 'a page before the last is not full')
    refs.push(...page.items.map(({ ref }) => ref))
    cursor = page.nextCursor
  }
  return refs
}

async function assertInStep(hansard: Hansard, limit: number): Promise<void> {
  for (const word of words) {
    const refs = await everyPage(hansard, word, 100)
    assert.deepEqual([...refs].sort(), (await holders(hansard, word)).sort(), word)
  }
  const any = words.join(' OR ')
  assert.deepEqual(await everyPage(hansard, any, limit), await everyPage(hansard, any, 100), `in pages of ${limit}`)
}

testOnBoth(
  'after whatever is done, search finds what the store holds, page by page',
  async (store) => {
    let now = Date.now()
    let runs = 0
    const hansard = await store.open({ clock: () => new Date(now) })
    const property = fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 14 }), async (operations) => {
      runs++
      const wings = [hansard.namespace(`one-${runs}`), hansard.namespace(`two-${runs}`)]
      const model = new Model(wings)
      for (const wing of wings) await wing.sessions.create({ actorName: 'ada' })
      for (const [index, each] of operations.entries()) {
        now += step
        await model.apply(each)
        await assertInStep(wings[each.wing] as Hansard, 1 + (index % 5))
        const [health] = await hansard.doctor(['search'])
        assert.deepEqual(health, { name: 'search', ok: true, detail: 'as it should be' })
      }
      for (const wing of wings) await assertInStep(wing, 2)
    })
    await fc.assert(property, { numRuns: 25 })
  },
  { timeout: 120_000 },
)
