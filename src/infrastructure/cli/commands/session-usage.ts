import { type Command, Option } from 'commander'
import type { JsonObject } from '../../../domain/canonical-json.js'
import { InvalidInputError } from '../../../domain/errors.js'
import { sessionJson, usageFigures } from '../../../domain/sessions/session-archive.js'
import type { TokenUsage, TokenUsageInput, UsageReport } from '../../../domain/sessions/token-usage.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { jsonObject } from '../option-values.js'
import { type Column, count, dollars, table } from '../output.js'
import { sessionHeader } from '../session-texts.js'

const figureColumns: Column<TokenUsage>[] = [
  { head: 'Input', align: 'right', cell: (usage) => count(usage.inputTokens) },
  { head: 'Cache read', align: 'right', cell: (usage) => count(usage.cacheReadTokens) },
  { head: 'Cache write', align: 'right', cell: (usage) => count(usage.cacheWriteTokens) },
  { head: 'Output', align: 'right', cell: (usage) => count(usage.outputTokens) },
  { head: 'Reasoning', align: 'right', cell: (usage) => count(usage.reasoningTokens) },
  { head: 'Cost', align: 'right', cell: (usage) => dollars(usage.estimatedCostUsd) },
]

interface UsageCommandOptions {
  add?: JsonObject
  set?: JsonObject
  model?: string
  idempotencyKey?: string
}

export function addSessionUsageCommand(sessions: Command, context: CommandContext): void {
  sessions
    .command('usage [id]')
    .description('print token usage by model and by day, of a session or of the whole namespace; or record it')
    .addOption(
      new Option('--add <JSON>', 'add these figures, such as {"inputTokens":10}')
        .argParser(jsonObject)
        .conflicts('set'),
    )
    .option('--set <JSON>', 'make these figures the total', jsonObject)
    .option('--model <name>', 'the model that the tokens were spent on')
    .option('--idempotency-key <key>', 'makes a repeated call give the first result instead of acting twice')
    .action((id: string | undefined, given: UsageCommandOptions, command: Command) =>
      context.withStore(command, async (store) => {
        if (given.add || given.set) return recordUsage(id, given, store)
        refuseDetails(given)
        const report = await store.sessions.usage(id)
        await store.output.result(usageDocument(report), () => usageText(report))
      }),
    )
}

async function recordUsage(
  id: string | undefined,
  given: UsageCommandOptions,
  { sessions, output }: OpenStore,
): Promise<void> {
  if (id === undefined)
    throw new InvalidInputError([{ path: 'id', message: '--add and --set need the id of a session' }])
  const options = { model: given.model, idempotencyKey: given.idempotencyKey }
  const session = given.add
    ? await sessions.updateTokenUsage(id, given.add as TokenUsageInput, options)
    : await sessions.setTokenUsage(id, given.set as TokenUsageInput, options)
  await output.result(sessionJson(session), () => sessionHeader(session, output).trimEnd())
}

/** What describes a record has no meaning for a report, and must not be taken for a filter. */
function refuseDetails({ model, idempotencyKey }: UsageCommandOptions): void {
  if (model === undefined && idempotencyKey === undefined) return
  const path = model === undefined ? '--idempotency-key' : '--model'
  throw new InvalidInputError([{ path, message: 'needs --add or --set; a report takes no such option' }])
}

function usageDocument({ total, byModel, byDay }: UsageReport): UsageReport {
  return {
    total: usageFigures(total),
    byModel: byModel.map((row) => ({ model: row.model, ...usageFigures(row) })),
    byDay: byDay.map((row) => ({ day: row.day, ...usageFigures(row) })),
  }
}

function usageText({ total, byModel, byDay }: UsageReport): string {
  if (byModel.length === 0) return 'No usage recorded.'
  const models = byModel.map((row) => ({ ...row, name: row.model ?? '(no model)' }))
  const days = byDay.map((row) => ({ ...row, name: row.day }))
  return `${usageTable('Model', [...models, { ...total, name: 'Total' }])}\n${usageTable('Day (UTC)', days)}`
}

function usageTable(head: string, rows: (TokenUsage & { name: string })[]): string {
  return table([{ head, cell: (row) => row.name }, ...figureColumns], rows)
}
