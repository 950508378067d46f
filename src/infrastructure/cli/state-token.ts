import type { Readable } from 'node:stream'
import { utf8Text } from './object-lines.js'

/** The token as given, or from stdin for `-`, where no list of processes and no shell history shows it. */
export async function stateTokenFrom(given: string, stdin: Readable): Promise<string> {
  return given === '-' ? (await utf8Text(stdin, 'stateToken')).trim() : given
}
