import type { Command } from 'commander'
import type { JsonObject, JsonValue } from '../../../domain/canonical-json.js'
import {
  contextJson,
  contextWithStepsJson,
  openedContextJson,
  recordedStepJson,
} from '../../../domain/contexts/context-json.js'
import type {
  OpenContextInput,
  PatchOptions,
  StepInput,
  SubjectOptions,
} from '../../../domain/contexts/context-service.js'
import type { CommandContext } from '../command-context.js'
import { contextHeader, contextText, stepEntry } from '../context-texts.js'
import { boxedJson, integer, jsonObject } from '../option-values.js'
import { stateTokenFrom } from '../state-token.js'

export const subjectFlags = '--subject <id>'
export const subjectHelp = 'the subject that the context was opened with'
export const tokenHelp = 'the state token, or - to read it from stdin, where no list of processes shows it'

/** The commands that change one context. */
export function addContextWritingCommands(contexts: Command, context: CommandContext): void {
  addOpen(contexts, context)
  addStep(contexts, context)
  addPatch(contexts, context)
  addClose(contexts, context)
}

interface OpenOptions extends Pick<OpenContextInput, 'ttlMs' | 'sliding' | 'idempotencyKey'> {
  context?: JsonObject
  subject?: string
}

function addOpen(contexts: Command, context: CommandContext): void {
  contexts
    .command('open')
    .description('open a context and print its state token, this once; makes a SQLite file if there is none')
    .option('--context <JSON>', 'a JSON object to begin with; {} unless given', jsonObject)
    .option(subjectFlags, 'whose it is; every later call must then name the same')
    .option('--ttl-ms <n>', 'its lifetime in milliseconds; a day unless given', integer)
    .option('--sliding', 'begin the lifetime anew with every step and patch')
    .option('--idempotency-key <key>', 'makes a repeated call give the same context, under a new token')
    .action(({ context: savedContext, subject, ttlMs, sliding, idempotencyKey }: OpenOptions, command: Command) =>
      context.withStore(
        command,
        async ({ contexts, output }) => {
          const opened = await contexts.open({ savedContext, subjectId: subject, ttlMs, sliding, idempotencyKey })
          await output.result(
            openedContextJson(opened),
            () => `${contextHeader(opened, output)}\nstate token ${opened.stateToken}`,
          )
        },
        { mayCreate: true },
      ),
    )
}

type Boxed = { value: JsonValue }

interface StepOptions extends Pick<StepInput, 'action' | 'hashOnly' | 'idempotencyKey'> {
  request: Boxed
  response?: Boxed
  subject?: string
}

function addStep(contexts: Command, context: CommandContext): void {
  contexts
    .command('step')
    .argument('<token>', tokenHelp)
    .description('append a step to a context’s log')
    .requiredOption('--request <JSON>', 'what was asked, any JSON value', boxedJson)
    .option('--response <JSON>', 'what came of it, any JSON value', boxedJson)
    .option('--action <name>', 'what was done, in a word')
    .option('--hash-only', 'keep the hashes alone; a repeat cannot be replayed then')
    .option('--idempotency-key <key>', 'makes a repeated call give the stored step instead of adding another')
    .option(subjectFlags, subjectHelp)
    .action((given: string, { request, response, subject, ...rest }: StepOptions, command: Command) =>
      context.withStore(command, async ({ contexts, output }) => {
        const token = await stateTokenFrom(given, context.process.stdin)
        const { action, hashOnly, idempotencyKey } = rest
        const input = { action, request: request.value, response: response?.value, hashOnly, idempotencyKey }
        const step = await contexts.step(token, input, { subjectId: subject })
        const repeated = step.replayed ? '\nrecorded before; nothing was added' : ''
        await output.result(recordedStepJson(step), () => stepEntry(step, output) + repeated)
      }),
    )
}

interface PatchCommandOptions extends Pick<PatchOptions, 'expectedVersion'> {
  patch: JsonObject
  subject?: string
}

function addPatch(contexts: Command, context: CommandContext): void {
  contexts
    .command('patch')
    .argument('<token>', tokenHelp)
    .description('change a context’s saved state by a merge patch (RFC 7396)')
    .requiredOption('--patch <JSON>', 'a JSON object: members replace, null removes, objects merge', jsonObject)
    .option('--expected-version <n>', 'fail unless this is the context’s version', integer)
    .option(subjectFlags, subjectHelp)
    .action((given: string, { patch, expectedVersion, subject }: PatchCommandOptions, command: Command) =>
      context.withStore(command, async ({ contexts, output }) => {
        const token = await stateTokenFrom(given, context.process.stdin)
        const patched = await contexts.patch(token, patch, { expectedVersion, subjectId: subject })
        await output.result(contextJson(patched), () => contextHeader(patched, output))
      }),
    )
}

function addClose(contexts: Command, context: CommandContext): void {
  contexts
    .command('close')
    .argument('<token>', tokenHelp)
    .description('end a context and print its final state and log; its token is dead then')
    .option(subjectFlags, subjectHelp)
    .action((given: string, { subject }: { subject?: SubjectOptions['subjectId'] }, command: Command) =>
      context.withStore(command, async ({ contexts, output }) => {
        const token = await stateTokenFrom(given, context.process.stdin)
        const closed = await contexts.close(token, { subjectId: subject })
        await output.result(contextWithStepsJson(closed), () => contextText(closed, output))
      }),
    )
}
