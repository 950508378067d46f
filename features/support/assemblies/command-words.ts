import type { RunCommand } from './cli.js'
import { reviveInstant } from './instants.js'

export type Option = string | number | boolean | object | null | undefined

/** Text, so that a null stands on the line too. */
export const jsonOf = (value: unknown): Option => (value === undefined ? undefined : JSON.stringify(value))

/** An option as it stands on a command line; none when there is nothing to say. */
export function asWord([name, value]: [string, Option]): string[] {
  if (value === undefined || value === null || value === false) return []
  return value === true ? [`--${name}`] : [`--${name}=${textOf(value)}`]
}

function textOf(value: string | number | object): string {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Runs a command with options, and gives the document that it prints. */
export async function documentOf<T>(
  run: RunCommand,
  words: string[],
  options: Record<string, Option> = {},
  stdin?: string,
): Promise<T> {
  return JSON.parse(
    await run([...words, ...Object.entries(options).flatMap(asWord), '--json'], stdin),
    reviveInstant,
  ) as T
}
