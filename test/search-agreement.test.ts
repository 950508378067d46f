import assert from 'node:assert/strict'
import { isHansardError } from '../src/domain/errors.js'
import { looseQuery, parseSearchQuery } from '../src/domain/search/search-query.js'
import type { SearchOptions } from '../src/domain/search/search-service.js'
import { indexedTokens } from '../src/domain/search/search-text.js'
import type { Hansard } from '../src/index.js'
import { Dice, searchDocuments, searchQueries } from './search-corpus.js'
import { matches } from './search-oracle.js'
import { type TestStore, testOnBoth } from './test-store.js'

const seed = 20_261_121
const queries = 5_000
const documents = 200
const namespaces = ['red', "blue'; --"] as const
const actors = ['ada', 'Ada', "o'brien \u{1F680}"]
const projects = ['hansard', 'hansard:*']
const startedAt = Date.parse('2026-11-21T00:00:00Z')

/** What was recorded, as the oracle knows it: by nothing that a database said but its ids. */
interface Recorded {
  ref: string
  kind: 'message' | 'correction' | 'tool'
  actorName: string
  sessionId: string
  projectId?: string
  at: number
  text: string
  indexed: string[]
}

interface Wing {
  hansard: Hansard
  recorded: Recorded[]
  sessions: { id: string; actorName: string }[]
}

async function openWing(hansard: Hansard): Promise<Wing> {
  const sessions = []
  for (const actorName of actors) sessions.push(await hansard.sessions.create({ actorName }))
  return { hansard, recorded: [], sessions }
}

/** One document: a message of text or of JSON, or an event. */
async function record({ hansard, sessions, recorded }: Wing, text: string, index: number, dice: Dice): Promise<void> {
  const { id: sessionId, actorName } = dice.pick(sessions)
  const at = startedAt + index * 1_000
  const projectId = dice.pick(projects)
  const keep = (entry: Pick<Recorded, 'ref' | 'kind' | 'text' | 'projectId'>) =>
    recorded.push({ ...entry, sessionId, actorName, at, indexed: indexedTokens(entry.text) })
  const say = async (content: object | string, said: string) => {
    const message = { role: 'user' as const, content, createdAt: new Date(at) }
    keep({ ref: (await hansard.sessions.appendMessage(sessionId, message)).id, kind: 'message', text: said })
  }
  const note = async (kind: 'correction' | 'tool', fields: object, said: string) => {
    const event = { kind, ts: new Date(at), sessionId, actorName, projectId, ...fields }
    keep({ ref: (await hansard.activity.record(event)).id, kind, text: said, projectId })
  }
  // Lone surrogates have no place in a payload.
  const whole = text.toWellFormed().replaceAll('\u0000', ' ') || 'nothing'
  const forms = [
    () => say(text, text),
    () =>
      say(
        [
          { type: 'text', text },
          { type: 'tool_use', input: { n: index, more: text } },
        ],
        `${text}\n${index}\n${text}`,
      ),
    () => note('correction', { payload: { content: whole }, path: 'src/a.ts' }, `${whole} src/a.ts`),
    () => note('tool', { name: 'grep', payload: { error: whole, success: false } }, `grep ${whole}`),
  ]
  await dice.pick(forms)()
}

async function recordAll(store: TestStore): Promise<Wing[]> {
  const hansard = await store.open()
  const wings: Wing[] = []
  for (const name of namespaces) wings.push(await openWing(hansard.namespace(name)))
  const dice = new Dice(seed)
  for (const [index, text] of searchDocuments(seed, documents).entries()) {
    const wing = wings[index % wings.length]
    if (wing) await record(wing, text, index, dice)
  }
  return wings
}

type Scopes = Pick<SearchOptions, 'actorName' | 'sessionId' | 'projectId' | 'kinds' | 'since' | 'until'>

/** Most searches are of everything; of the others, some of one scope and some of several. */
function scopesOf(dice: Dice, { sessions }: Wing): Scopes {
  const instant = () => new Date(startedAt + dice.below(documents * 1_000))
  const forms: (() => Scopes)[] = [
    () => ({ actorName: dice.pick([...actors, 'nobody']) }),
    () => ({ sessionId: dice.pick(sessions).id }),
    () => ({ projectId: dice.pick(projects) }),
    () => ({ kinds: dice.pick([['message'], ['correction', 'tool'], ['loop', 'message']]) }),
    () => ({ since: instant() }),
    () => ({ until: instant().toISOString() }),
    () => ({ since: instant(), until: instant() }),
  ]
  if (dice.below(5) < 3) return {}
  return Object.assign({}, ...dice.times(1 + dice.below(2), () => dice.pick(forms)())) as Scopes
}

function isWithin(entry: Recorded, { kinds, since, until, ...equal }: Scopes): boolean {
  if (kinds && !kinds.includes(entry.kind)) return false
  if (since && entry.at < new Date(since).getTime()) return false
  if (until && entry.at >= new Date(until).getTime()) return false
  return Object.entries(equal).every(([name, value]) => entry[name as keyof typeof equal] === value)
}

interface Answer {
  refs: string[]
  relaxed: boolean
}

function oracleAnswer({ recorded }: Wing, text: string, scopes: Scopes): Answer {
  const strict = parseSearchQuery(text)
  if (!strict) return { refs: [], relaxed: false }
  const within = recorded.filter((entry) => isWithin(entry, scopes))
  const refsOf = (query: typeof strict) => within.filter((entry) => matches(query, entry.indexed)).map(({ ref }) => ref)
  const found = refsOf(strict)
  const loose = found.length === 0 ? looseQuery(strict) : undefined
  const refs = loose ? refsOf(loose) : found
  return { refs, relaxed: loose !== undefined && refs.length > 0 }
}

async function storeAnswer({ hansard }: Wing, text: string, options: SearchOptions): Promise<Answer> {
  const first = await hansard.search(text, options)
  const refs = first.items.map(({ ref }) => ref)
  for (let cursor = first.nextCursor; cursor !== null; ) {
    const page = await hansard.search(text, { ...options, cursor })
    assert.equal(page.relaxed, first.relaxed)
    refs.push(...page.items.map(({ ref }) => ref))
    cursor = page.nextCursor
  }
  return { refs, relaxed: first.relaxed }
}

type Outcome = Answer | { refused: string }

async function outcomeOf(answer: () => Answer | Promise<Answer>): Promise<Outcome> {
  try {
    const { refs, relaxed } = await answer()
    return { refs: [...refs].sort(), relaxed }
  } catch (error) {
    if (!isHansardError(error, 'SEARCH_QUERY_INVALID')) throw error
    return { refused: error.message }
  }
}

/** Names the query and the documents that one side finds and the other does not. */
function complaint({ recorded }: Wing, asked: string, expected: Outcome, found: Outcome): string {
  const refs = (outcome: Outcome) => ('refs' in outcome ? outcome.refs : [])
  const differing = recorded.filter(({ ref }) => refs(expected).includes(ref) !== refs(found).includes(ref))
  const lines = differing.map(({ ref, text }) => {
    const finder = refs(found).includes(ref) ? 'only the store' : 'only the oracle'
    return `${finder} finds ${JSON.stringify(text)}`
  })
  return [`${asked} is answered otherwise than expected`, ...lines].join('\n')
}

testOnBoth(
  'the store finds what an oracle in memory finds, and nothing else',
  async (store) => {
    const wings = await recordAll(store)
    const dice = new Dice(seed + 1)
    const texts = searchQueries(seed + 2, searchDocuments(seed, documents), queries)
    let found = 0
    for (const text of texts) {
      const wing = dice.pick(wings)
      const scopes = scopesOf(dice, wing)
      const limit = dice.pick([20, 100, 100, 100])
      const expected = await outcomeOf(() => oracleAnswer(wing, text, scopes))
      const actual = await outcomeOf(() => storeAnswer(wing, text, { ...scopes, limit }))
      const asked = `${JSON.stringify(text)} within ${JSON.stringify(scopes)}`
      assert.deepEqual(actual, expected, complaint(wing, asked, expected, actual))
      if ('refs' in actual && actual.refs.length > 0) found++
    }
    assert.ok(found >= queries / 2, `only ${found} of ${queries} queries find anything`)
  },
  { timeout: 120_000 },
)
