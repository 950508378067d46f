import { createHash } from 'node:crypto'
import type { Context, ContextWithSteps, JsonObject, OpenContextInput, StepInput } from '../../src/index.js'
import type { HansardWorld } from './world.js'

/** Opens one, to be spoken of by `name`. */
export async function openContext(world: HansardWorld, name: string, input: OpenContextInput = {}): Promise<void> {
  const opened = await world.attempt(() => world.contexts.open(input))
  if (opened) world.openings.set(name, opened)
}

export const readContext = (world: HansardWorld, name: string): Promise<ContextWithSteps> =>
  world.contexts.get(world.token(name))

/** The name by which the scenario speaks of it. */
export function contextName(world: HansardWorld, { id }: Pick<Context, 'id'>): string {
  if (world.ran?.context.id === id) return 'run'
  return [...world.openings].find(([, opening]) => opening.id === id)?.[0] ?? id
}

/** The step that `action` stands for in a scenario: always the same request and response. */
export const stepOf = (action: string): StepInput => ({
  action,
  request: { do: action, note: `secret of ${action}` },
  response: `done: ${action}`,
})

/** A saved context of so many bytes, most of them in characters of three. */
export function multibyteContext(bytes: number): JsonObject {
  const rest = bytes - Buffer.byteLength('{"x":""}')
  return { x: '世'.repeat(Math.floor(rest / 3)) + 'x'.repeat(rest % 3) }
}

/** A JSON string of so many bytes, its quotes included. */
export const textOf = (bytes: number): string => 'x'.repeat(bytes - 2)

export const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

const tables = ['contexts', 'context_steps', 'idempotency_keys', 'sessions', 'session_messages', 'hansard_migrations']

/** Every row of the store as text, behind its back. */
export async function everythingStored(world: HansardWorld): Promise<string> {
  const rows = []
  for (const table of tables) rows.push(await world.storage.execute(`select * from ${table} order by 1`))
  return JSON.stringify(rows)
}
