import type { SessionFacts } from './transcript-reader.js'

type Plain = Exclude<keyof SessionFacts, 'startedAt' | 'title'>
const plainFacts: readonly Plain[] = [
  ...(['cwd', 'gitBranch', 'repository', 'gitRoot', 'model', 'agentVersion', 'parentSessionId', 'taskRef'] as const),
]

/** Where a fact was told: by time, then by place. */
interface Told {
  at: string
  place: number
}

/**
 * What a source told of a session, fact by fact, each with where it stood: merged in any order and any
 * number of times, the result is the same.
 */
export interface KnownFacts {
  startedAt?: string
  title?: Told & { text: string; rank: number }
  plain: { [Name in Plain]?: Told & { value: string } }
  /** The time of what was read last: that of a fact without one. */
  lastAt: string
}

export const noFacts = (): KnownFacts => ({ plain: {}, lastAt: '' })

/** Takes what one record tells. */
export function learn(known: KnownFacts, facts: SessionFacts, told: Told): void {
  const { startedAt, title } = facts
  if (startedAt && (!known.startedAt || startedAt < known.startedAt)) known.startedAt = startedAt
  if (title && !isBefore({ ...title, ...told }, known.title)) known.title = { ...title, ...told }
  for (const name of plainFacts) {
    const value = facts[name]
    if (value !== undefined && !isEarlier(told, known.plain[name])) known.plain[name] = { ...told, value }
  }
}

/** What all sources of a session tell together. */
export function mergedFacts(sources: readonly KnownFacts[]): SessionFacts {
  const known = noFacts()
  for (const { startedAt, title, plain } of sources) {
    if (startedAt) learn(known, { startedAt }, { at: '', place: 0 })
    if (title) learn(known, { title: { text: title.text, rank: title.rank } }, title)
    for (const name of plainFacts) {
      const told = plain[name]
      if (told) learn(known, { [name]: told.value }, { at: told.at, place: told.place })
    }
  }
  const facts: SessionFacts = {}
  if (known.startedAt) facts.startedAt = known.startedAt
  if (known.title) facts.title = { text: known.title.text, rank: known.title.rank }
  for (const name of plainFacts) {
    const told = known.plain[name]
    if (told) facts[name] = told.value
  }
  return facts
}

type Titled = NonNullable<KnownFacts['title']>

const isBefore = (one: Titled, other: Titled | undefined) =>
  other !== undefined && (one.rank < other.rank || (one.rank === other.rank && isEarlier(one, other)))

const isEarlier = (one: Told, other: Told | undefined) =>
  other !== undefined && (one.at < other.at || (one.at === other.at && one.place < other.place))
