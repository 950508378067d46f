import type { ActivityEventInput, Hansard, SearchOptions, SearchPage } from '../../src/index.js'
import { openHansard } from '../../src/index.js'
import type { HansardWorld } from './world.js'

/** The places of what was found, sessions by the names that the scenario gave them. */
export function placesOf(world: HansardWorld, { items }: Pick<SearchPage, 'items'>): string[] {
  return items.map(({ anchor }) => anchor.replace(/^[^#]+(?=#)/, (id) => world.nameOf({ id })))
}

export async function foundFor(world: HansardWorld, query: string, options?: SearchOptions): Promise<string> {
  return placesOf(world, await world.searching.search(query, options))
    .sort()
    .join(', ')
}

/** Every page, from the first to the one without a cursor. */
export async function allPages(world: HansardWorld, query: string, options: SearchOptions): Promise<SearchPage[]> {
  const pages: SearchPage[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await world.searching.search(query, { ...options, cursor })
    pages.push(page)
    cursor = page.nextCursor
  }
  return pages
}

/** `kinds: tool, file` and the like, as a scenario writes them. */
export function optionsOf(world: HansardWorld, given: Record<string, string>): SearchOptions {
  const { kinds, session, limit, recencyHalfLifeMs, ...rest } = given
  return {
    ...rest,
    ...(kinds && { kinds: kinds.split(', ') }),
    ...(session && { sessionId: world.id(session) }),
    ...(limit && { limit: Number(limit) }),
    ...(recencyHalfLifeMs && { recencyHalfLifeMs: Number(recencyHalfLifeMs) }),
  }
}

/** An event as a row of a table writes it. */
export function eventOf({ kind = '', content, line, ...fields }: Record<string, string>): ActivityEventInput {
  const payload = { ...(content && { content }), ...(line && { line: Number(line) }) }
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))
  return { kind, ...given, payload } as ActivityEventInput
}

/** The library on the same store: events come from agents beside whoever searches. */
export async function beside<T>(world: HansardWorld, work: (hansard: Hansard) => Promise<T>): Promise<T> {
  const hansard = await openHansard({
    ...world.storage.options,
    namespace: world.namespace,
    clock: world.clock.now,
  })
  try {
    return await work(hansard)
  } finally {
    await hansard.close()
  }
}

/** How much stands in the index, behind the store's back. */
export async function indexSize(world: HansardWorld): Promise<number[]> {
  const tables = world.parameters.storage === 'sqlite' ? ['search_entries', 'search_index_docsize'] : ['search_entries']
  const sizes: number[] = []
  for (const table of tables) {
    const [row] = await world.storage.execute(`select count(*) as count from ${table}`)
    sizes.push(Number(row?.count))
  }
  return sizes
}
