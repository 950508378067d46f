import type { Hansard } from '../src/index.js'

const vocabulary = 200_000

/** A sequence that is the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** As people use words: the first stands nearly everywhere, the n-th n times more rarely. */
const wordAt = (rank: number) => `w${rank.toString(36)}`
const anyWord = (random: () => number) => wordAt(Math.floor(Math.exp(random() * Math.log(vocabulary))) - 1)

/** A text of about 500 bytes, some 110 words. */
export function text(random: () => number): string {
  let words = anyWord(random)
  while (words.length < 495) words += ` ${anyWord(random)}`
  return words
}

/** In nearly every text. */
export const commonWord = wordAt(0)

/** Of two words that stand in at most a hundredth of the texts, and in at least half as many. */
export function ordinaryQueries(count: number): string[] {
  const random = seeded(7)
  const word = () => wordAt(900 + Math.floor(random() * 900))
  return Array.from({ length: count }, () => `${word()} ${word()}`)
}

export const few = 100
const batch = 500

/** `rows` messages of many actors, and among them, evenly spread, a hundred each of one actor, one session and one namespace. */
export async function fill(hansard: Hansard, rows: number, onProgress: (rows: number) => unknown): Promise<string> {
  const random = seeded(42)
  const { sessions } = hansard
  const rare = await sessions.create({ actorName: 'rare actor' })
  const small = await smallTenant(hansard)
  const every = Math.ceil(rows / few)
  let session = rare
  for (let done = 0; done < rows; done += batch) {
    if (done % (batch * 10) === 0) session = await sessions.create({ actorName: `actor ${done % 97}` })
    const messages = Array.from({ length: batch }, () => ({ role: 'user' as const, content: text(random) }))
    await sessions.appendMessages(session.id, messages)
    if (done % every < batch) {
      await sessions.appendMessage(rare.id, { role: 'user', content: text(random) })
      await tenant(hansard).sessions.appendMessage(small, { role: 'user', content: text(random) })
    }
    await onProgress(done + batch)
  }
  return rare.id
}

export const tenant = (hansard: Hansard) => hansard.namespace('small')

/** Its session, empty. */
async function smallTenant(hansard: Hansard): Promise<string> {
  return (await tenant(hansard).sessions.create({ actorName: 'ada' })).id
}

/** A store of nothing but the small tenant. */
export async function fillSmall(hansard: Hansard): Promise<void> {
  const random = seeded(43)
  const id = await smallTenant(hansard)
  for (let index = 0; index < few; index++) {
    await tenant(hansard).sessions.appendMessage(id, { role: 'user', content: text(random) })
  }
}
