import type { Hansard } from '../src/index.js'
import { seeded, text } from './search-corpus.js'
import type { SearchStore } from './search-stores.js'

const samples = 1_000

/** Of single appends, in ms. */
export async function appendCost(hansard: Hansard): Promise<{ median: number; p99: number }> {
  const random = seeded(11)
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const times: number[] = []
  for (let index = 0; index < samples; index++) {
    const content = text(random)
    const startedAt = performance.now()
    await hansard.sessions.appendMessage(id, { role: 'user', content })
    times.push(performance.now() - startedAt)
  }
  times.sort((a, b) => a - b)
  return { median: times[samples / 2] ?? Number.NaN, p99: times[Math.floor(samples * 0.99)] ?? Number.NaN }
}

const rounds = 9

/** Throughput with search to that without, one after another and with 64 writers. */
export async function appendRatios(
  open: (options?: { search: { message: boolean } }) => Promise<SearchStore>,
  isSqlite: boolean,
  { queries }: { queries: number },
) {
  const [on, off] = [await open(), await open({ search: { message: false } })]
  try {
    const figures = []
    for (const [writers, each, least] of [
      [1, 4 * queries, 0.45],
      [64, queries / 4, 0.2],
    ] as const) {
      const ratios = await rounded(on, off, (store) => appended(store, writers, Math.ceil(each)))
      figures.push({
        work: writers === 1 ? 'append, one after another' : `append, ${writers} writers`,
        ratio: ratios[Math.floor(rounds / 2)] ?? Number.NaN,
        of: 'throughput with search / without',
        bound: isSqlite ? { atLeast: least } : null,
      })
    }
    return figures
  } finally {
    await on.close()
    await off.close()
  }
}

/** Of the times without to those with, in ascending order; who goes first alternates. */
async function rounded(on: SearchStore, off: SearchStore, time: (store: SearchStore) => Promise<number>) {
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const times = new Map<SearchStore, number>()
    for (const store of round % 2 === 0 ? [on, off] : [off, on]) times.set(store, await time(store))
    ratios.push((times.get(off) ?? Number.NaN) / (times.get(on) ?? Number.NaN))
  }
  return ratios.toSorted((a, b) => a - b)
}

async function appended(store: SearchStore, writers: number, each: number): Promise<number> {
  const { sessions } = store.hansard
  const random = seeded(writers)
  const texts = Array.from({ length: 512 }, () => text(random))
  const ids: string[] = []
  for (let index = 0; index < writers; index++) ids.push((await sessions.create({ actorName: 'ada' })).id)
  await store.settle()
  const startedAt = performance.now()
  const writer = async (id: string, first: number) => {
    for (let index = 0; index < each; index++) {
      await sessions.appendMessage(id, { role: 'user', content: texts[(first + index) % texts.length] ?? '' })
    }
  }
  await Promise.all(ids.map((id, index) => writer(id, index * 7)))
  return performance.now() - startedAt
}
