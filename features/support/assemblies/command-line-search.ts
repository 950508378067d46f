import { type SearchOptions, type SearchPage, SearchService } from '../../../src/index.js'
import type { RunCommand } from './cli.js'

/** Search as the command offers it. */
export class CommandLineSearch extends SearchService {
  constructor(private readonly runCommand: RunCommand) {
    super()
  }

  async search(query: string, options: SearchOptions = {}): Promise<SearchPage> {
    const { kinds = [], actorName, sessionId, projectId, since, until, recencyHalfLifeMs, limit, cursor } = options
    const scopes = { actor: actorName, session: sessionId, project: projectId, since, until }
    const rest = { 'half-life': recencyHalfLifeMs, limit, cursor }
    const words = [...kinds.map((kind) => `--kind=${kind}`), ...Object.entries({ ...scopes, ...rest }).flatMap(asWord)]
    return JSON.parse(await this.runCommand([...words, '--json', '--', query]), reviveInstant) as SearchPage
  }
}

function asWord([name, value]: [string, string | number | Date | undefined]): string[] {
  if (value === undefined) return []
  return [`--${name}=${value instanceof Date ? value.toISOString() : value}`]
}

/** Instants are dates in the library and text on the command line. */
function reviveInstant(key: string, value: unknown): unknown {
  return key === 'time' && typeof value === 'string' ? new Date(value) : value
}
