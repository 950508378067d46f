import type { Command } from 'commander'
import type { JsonObject } from '../../../domain/canonical-json.js'
import { runReportJson } from '../../../domain/contexts/context-json.js'
import type { RunReport, StepInput } from '../../../domain/contexts/context-service.js'
import { type HansardError, InvalidInputError } from '../../../domain/errors.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { contextText } from '../context-texts.js'
import { inputName, openInput } from '../files.js'
import { atLines, readObjectLines } from '../object-lines.js'
import { jsonObject } from '../option-values.js'
import { count, type Output } from '../output.js'
import { subjectFlags } from './context-writing.js'

interface RunCommandOptions {
  from: string
  context?: JsonObject
  subject?: string
  partial?: boolean
  idempotencyKey?: string
}

export function addContextRunCommand(contexts: Command, context: CommandContext): void {
  contexts
    .command('run')
    .description('open a context, record steps and close it, all in one; makes a SQLite file if there is none')
    .requiredOption('--from <file>', 'read one step {"request","response",…} per line; - is stdin')
    .option('--context <JSON>', 'a JSON object to begin with; {} unless given', jsonObject)
    .option(subjectFlags, 'whose it is')
    .option('--partial', 'keep the steps that are right and tell of the others')
    .option('--idempotency-key <key>', 'makes a repeated call give the first result instead of acting twice')
    .action(async (given: RunCommandOptions, command: Command) => {
      const source = await openInput(given.from, context.process.stdin)
      const { objects: steps, lineNumbers } = await readObjectLines<StepInput>(source, stepExample)
      // A script that meant to record something must hear that there was nothing.
      if (steps.length === 0)
        throw new InvalidInputError([{ path: '--from', message: `no steps in ${inputName(given.from)}` }])
      await context.withStore(command, (store) => run(steps, lineNumbers, given, store), { mayCreate: true })
    })
}

const stepExample = '{"action":"forecast","request":{"day":1},"response":{"rain":true}}'

async function run(
  steps: StepInput[],
  lineNumbers: number[],
  { context: savedContext, subject, partial, idempotencyKey }: RunCommandOptions,
  { contexts, output }: OpenStore,
): Promise<void> {
  const options = { savedContext, subjectId: subject, partial, idempotencyKey }
  const report = await contexts.run(steps, options).catch((error: HansardError) => {
    throw atLines(error, 'steps', lineNumbers)
  })
  for (const result of report.results) {
    if (result.status === 'failed') result.error = atLines(result.error, 'steps', lineNumbers)
  }
  await output.result(runReportJson(report), () => runText(report, output))
}

function runText({ outcome, stepsSupplied, stepsRecorded, results, context }: RunReport, output: Output): string {
  const failures = results.flatMap((result) => (result.status === 'failed' ? [result.error.message] : []))
  const summary = `${outcome}: ${count(stepsRecorded)} of ${count(stepsSupplied, 'step')} recorded`
  return [contextText(context, output), summary, ...failures].join('\n')
}
