import type { Command } from 'commander'
import type { InputProblem } from '../../domain/errors.js'

/** What the library calls otherwise than the command line. */
const attributes: Readonly<Record<string, string[]>> = {
  actorName: ['actor'],
  flavors: ['flavor'],
  issueId: ['issue'],
  issuesDir: ['issues'],
  kinds: ['kind'],
  loopsDir: ['loops'],
  projectId: ['project'],
  recencyHalfLifeMs: ['halfLife'],
  sessionId: ['session'],
}

/** The problem as whoever typed the command knows it: at the flag that gave the value, if one did. */
export function inFlags({ path, message }: InputProblem, command: Command | undefined): string {
  const [, name = '', rest = ''] = /^(?:(?:subject|options)\.)?(\w+)(?:[.](.*))?$/.exec(path) ?? []
  const names = [name, ...(attributes[name] ?? [])]
  const option = command?.options.find((each) => names.includes(each.attributeName()))
  const place = option?.long ? `${option.long} ${rest}`.trim() : path
  return place ? `${place}: ${message}` : message
}
