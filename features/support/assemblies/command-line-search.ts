import { type SearchOptions, type SearchPage, SearchService } from '../../../src/index.js'
import type { RunCommand } from './cli.js'
import { asWord } from './command-words.js'
import { reviveInstant } from './instants.js'

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
