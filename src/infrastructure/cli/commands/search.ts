import type { Command } from 'commander'
import { eventKindNames } from '../../../domain/activity/event-kinds.js'
import { searchPageJson } from '../../../domain/search/search-json.js'
import type { SearchOptions, SearchPage } from '../../../domain/search/search-service.js'
import type { CommandContext } from '../command-context.js'
import { instantHelp, integer, isoInstant, text } from '../option-values.js'
import { count, type Output } from '../output.js'
import { withProgress } from '../progress.js'
import { searchText } from '../search-texts.js'

interface SearchCommandOptions extends Pick<SearchOptions, 'since' | 'until' | 'limit' | 'cursor'> {
  kind?: string[]
  actor?: string
  session?: string
  project?: string
  halfLife?: number
}

const kindHelp = `only these: message, ${eventKindNames.join(', ')}, transcript, digest; may be repeated`

/** `search`, and `search reindex`. */
export function addSearchCommands(program: Command, context: CommandContext): void {
  const search = program
    .command('search')
    .argument('<query...>', 'words, "phrases", OR, NOT or -, prefix* and parentheses; after -- whatever it begins with')
    .description('find messages, events and transcripts by their words, best first')
    .option('--kind <kind>', kindHelp, text)
    .option('--actor <name>', 'only what is of this actor')
    .option('--session <id>', 'only what is of this session')
    .option('--project <id>', 'only events and transcripts of this project')
    .option('--since <instant>', `only what was said or happened at or after ${instantHelp}`, isoInstant)
    .option('--until <instant>', `only what was said or happened before ${instantHelp}`, isoInstant)
    .option('--half-life <ms>', 'halve the score of what is this old; not at all unless given', integer)
    .option('--limit <n>', 'at most this many; 20 unless given, up to 100', integer)
    .option('--cursor <cursor>', 'go on from the nextCursor of an earlier page')
    .action((words: string[], given: SearchCommandOptions, command: Command) =>
      context.withStore(command, async ({ hansard, output }) => {
        const page = await hansard.search(words.join(' '), searchOptions(given))
        await output.result(searchPageJson(page), () => searchText(page.items, output))
        await narrate(page, output)
      }),
    )
  // After `--` everything is a word to look for, `reindex` too, which the parser would take for the command.
  if (!context.process.argv.includes('--')) addReindex(search, context)
}

function searchOptions({ kind, actor, session, project, halfLife, ...rest }: SearchCommandOptions): SearchOptions {
  const { since, until, limit, cursor } = rest
  const scopes = { kinds: kind, actorName: actor, sessionId: session, projectId: project }
  return { ...scopes, since, until, recencyHalfLifeMs: halfLife, limit, cursor }
}

/** What the results alone do not say. */
async function narrate({ items, relaxed, ranking, nextCursor }: SearchPage, output: Output): Promise<void> {
  if (relaxed && items.length > 0) await output.narrate('Nothing matches all of it; these match some of its words.')
  if (ranking === 'newest') await output.narrate('Too many match to be ranked; the newest come first.')
  if (nextCursor !== null) await output.narrate(`More: add --cursor ${nextCursor}`)
}

function addReindex(search: Command, context: CommandContext): void {
  search
    .command('reindex')
    .description('write all that search finds anew, of every namespace, while the store is in use')
    .action((_options: unknown, command: Command) =>
      context.withStore(command, async ({ hansard, output }) => {
        const report = await withProgress(output, 'entries', (onProgress) => hansard.reindexSearch({ onProgress }))
        await output.result(report, () => `Entries written anew: ${count(report.entries)}`)
      }),
    )
}
