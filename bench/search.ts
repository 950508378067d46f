import { appendCost, appendRatios } from './search-appends.js'
import { commonWord, fill, fillSmall, ordinaryQueries, tenant } from './search-corpus.js'
import type { SearchStore } from './search-stores.js'

/** One ratio and what it is held to. */
export interface SearchFigure {
  database: string
  durability: string
  work: string
  ratio: number
  /** Of what to what. */
  of: string
  bound: { atLeast: number } | { atMost: number } | null
}

export interface SearchPlan {
  rows: number
  queries: number
}

type Figure = Omit<SearchFigure, 'database' | 'durability'>

/** All that is promised of search, on one database at one durability. */
export async function searchFigures(
  open: () => Promise<SearchStore>,
  plan: SearchPlan,
  note: (text: string) => void,
): Promise<SearchFigure[]> {
  const [large, small] = [await open(), await open()]
  try {
    await fillSmall(small.hansard)
    const figures: Figure[] = []
    const before = await filled(large, plan, note)
    note('ordinary queries')
    figures.push(...(await ordinary(large, plan)))
    note('a common word')
    figures.push(await common(large))
    figures.push(...(await few(large, small, before.session)))
    note('appends')
    const after = await appendCost(large.hansard)
    const growth = {
      ratio: after.median / (before.cost?.median ?? Number.NaN),
      of: `median at ${plan.rows} rows / at 10,000`,
    }
    figures.push({ work: 'append, as the store grows', ...growth, bound: { atMost: 1.3 } })
    const tail = { ratio: after.p99 / after.median, of: 'p99 / median' }
    figures.push({ work: `append, at ${plan.rows} rows`, ...tail, bound: null })
    figures.push(...(await appendRatios(open, large.isSqlite, plan)))
    const { database, durability } = large
    return figures.map((figure) => ({ database, durability, ...figure }))
  } finally {
    await large.close()
    await small.close()
  }
}

const early = 10_000

async function filled(store: SearchStore, { rows }: SearchPlan, note: (text: string) => void) {
  let cost: Awaited<ReturnType<typeof appendCost>> | undefined
  const session = await fill(store.hansard, rows, async (done) => {
    if (done === early) cost = await appendCost(store.hansard)
    if (done % 100_000 === 0) note(`${done} messages`)
  })
  await store.settle()
  return { cost, session }
}

/** The 95th percentile of ours to that of the engine's own ranked query, and of that query with the rows of its hits. */
async function ordinary(store: SearchStore, { queries }: SearchPlan): Promise<Figure[]> {
  const texts = ordinaryQueries(queries)
  const to = async (bare: (words: string[], limit: number) => Promise<unknown>) => {
    const [ours, theirs] = await byTurns(
      texts,
      (query) => store.hansard.search(query, { limit: 20 }),
      (query) => bare(query.split(' '), 20),
    )
    return percentile(ours, 0.95) / percentile(theirs, 0.95)
  }
  const work = 'search, two words of at most 1 %'
  return [
    { work, ratio: await to(store.ranked), of: "p95 / p95 of the engine's ranked query", bound: { atMost: 1.3 } },
    { work, ratio: await to(store.rankedRows), of: 'p95 / p95 of that with the rows of its hits', bound: null },
  ]
}

async function common(store: SearchStore): Promise<Figure> {
  const [ours, bare] = await byTurns(
    Array<string>(5).fill(commonWord),
    (query) => store.hansard.search(query, { limit: 20 }),
    (query) => store.ranked([query], 20),
  )
  const ratio = percentile(bare, 0.5) / percentile(ours, 0.5)
  return { work: 'search, a word of most messages', ratio, of: 'full ranking / ours', bound: { atLeast: 5 } }
}

/** A common word among a hundred messages of a million, to the same among a hundred. */
async function few(large: SearchStore, small: SearchStore, sessionId: string): Promise<Figure[]> {
  const alone = () => tenant(small.hansard).search(commonWord)
  const ways = {
    'a namespace': () => tenant(large.hansard).search(commonWord),
    'an actor': () => large.hansard.search(commonWord, { actorName: 'rare actor' }),
    'a session': () => large.hansard.search(commonWord, { sessionId }),
  }
  const figures: Figure[] = []
  for (const [name, search] of Object.entries(ways)) {
    const [ours, bare] = await byTurns(Array<string>(60).fill(''), search, alone)
    const ratio = percentile(ours, 0.5) / percentile(bare, 0.5)
    figures.push({ work: `search, ${name} of 100 messages`, ratio, of: 'among all / alone', bound: { atMost: 3 } })
  }
  return figures
}

/** Times of both in ms, who goes first changes; a round before them warms up. */
async function byTurns(
  queries: string[],
  ours: (query: string) => Promise<unknown>,
  bare: (query: string) => Promise<unknown>,
): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []]
  const run = async (side: 0 | 1, query: string) => {
    const startedAt = performance.now()
    await [ours, bare][side]?.(query)
    return performance.now() - startedAt
  }
  const rounds = queries.flatMap((query) => [
    [query, 0],
    [query, 1],
  ]) as [string, 0 | 1][]
  for (const [query, side] of rounds) await run(side, query)
  for (const [query, side] of [...rounds, ...rounds.toReversed()]) times[side].push(await run(side, query))
  return times
}

export function percentile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
