import { type Command, Option } from 'commander'
import { InvalidInputError } from '../../../domain/errors.js'
import { sessionJson } from '../../../domain/sessions/session-archive.js'
import type { ImportReport, SessionService } from '../../../domain/sessions/session-service.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { notBlank, openInput, writeWhole } from '../files.js'
import { integer } from '../option-values.js'
import { count } from '../output.js'
import { withProgress } from '../progress.js'
import { sessionHeader } from '../session-texts.js'

type Form = 'json' | 'jsonl' | 'markdown'

/** The commands that carry sessions out of, into and across a store. */
export function addSessionTransferCommands(sessions: Command, context: CommandContext): void {
  addExport(sessions, context)
  addImport(sessions, context)
  addFork(sessions, context)
}

function addExport(sessions: Command, context: CommandContext): void {
  sessions
    .command('export <id>')
    .description('write a session as an archive, or as Markdown to read')
    .addOption(new Option('--form <form>', 'the form to write').choices(['json', 'jsonl', 'markdown']).default('json'))
    .option('--output <file>', 'write to this file, whole or not at all; - is stdout', '-')
    .action((id: string, { form, output: file }: { form: Form; output: string }, command: Command) =>
      context.withStore(command, (store) =>
        file === '-' ? exportOut(id, form, store) : exportFile(id, form, file, store),
      ),
    )
}

async function exportOut(id: string, form: Form, { sessions, output }: OpenStore): Promise<void> {
  if (output.json && form !== 'json') {
    const message = `${form} is not one JSON document; leave out --json, or name a file with --output`
    throw new InvalidInputError([{ path: '--form', message }])
  }
  for await (const text of archiveTexts(sessions, id, form)) await output.write(text)
}

async function exportFile(id: string, form: Form, file: string, { sessions, output }: OpenStore): Promise<void> {
  const { messageCount } = await sessions.get(id)
  const bytes = await withProgress(output, 'lines', (report) =>
    writeWhole(
      file,
      counted(archiveTexts(sessions, id, form), (lines) => report(lines, messageCount)),
    ),
  )
  await output.result({ sessionId: id, form, file, bytes }, () => `${count(bytes, 'byte')} written to ${file}`)
}

async function* archiveTexts(sessions: SessionService, id: string, form: Form): AsyncGenerator<string> {
  if (form === 'json') yield `${JSON.stringify(await sessions.exportSession(id))}\n`
  else yield* sessions.exportLines(id, form)
}

async function* counted(texts: AsyncIterable<string>, report: (passed: number) => void): AsyncGenerator<string> {
  let passed = 0
  for await (const text of texts) {
    yield text
    passed += 1
    report(passed)
  }
}

interface ImportCommandOptions {
  preserveIds?: boolean
  externalId?: string
  dropExternalId?: boolean
  dryRun?: boolean
  idempotencyKey?: string
}

function addImport(sessions: Command, context: CommandContext): void {
  sessions
    .command('import <file>')
    .description('import an archive of either form, - being stdin; makes a SQLite file if there is none')
    .option('--preserve-ids', 'keep the archive’s ids in place of making new ones')
    .addOption(new Option('--external-id <id>', 'replaces the archive’s external id').conflicts('dropExternalId'))
    .option('--drop-external-id', 'leave the archive’s external id out')
    .option('--dry-run', 'verify and report; write nothing')
    .option('--idempotency-key <key>', 'makes a repeated call give the first result instead of acting twice')
    .action(async (file: string, given: ImportCommandOptions, command: Command) => {
      const source = await openInput(file, context.process.stdin)
      const work = (store: OpenStore) => importArchive(notBlank(source, file), given, store)
      await context.withStore(command, work, { mayCreate: !given.dryRun }).finally(() => source.destroy())
    })
}

async function importArchive(
  source: AsyncIterable<Uint8Array>,
  { preserveIds, externalId, dropExternalId, dryRun, idempotencyKey }: ImportCommandOptions,
  { sessions, output }: OpenStore,
): Promise<void> {
  const report = await withProgress(output, 'messages', (progress) =>
    sessions.importSession(source, {
      ids: preserveIds ? 'preserve' : 'fresh',
      externalId: dropExternalId ? null : externalId,
      dryRun,
      idempotencyKey,
      onProgress: ({ messages, total }) => progress(messages, total),
    }),
  )
  await output.result(report, () => importText(report))
}

function importText({ dryRun, sessionId, origin, messages, usageEntries }: ImportReport): string {
  const what = `${count(messages, 'message')} and ${count(usageEntries, 'usage row')}`
  const from = `from ${origin.namespace}/${origin.sessionId}, ${origin.checksum}`
  return dryRun ? `Sound; would import ${what} ${from}` : `Imported ${what} ${from}\nas ${sessionId}`
}

function addFork(sessions: Command, context: CommandContext): void {
  sessions
    .command('fork <id>')
    .description('copy a session, up to a message, into a new one')
    .option('--at-sequence <n>', 'the last message to take along; the last there is unless given', integer)
    .option('--title <title>', 'the title of the new session')
    .option('--idempotency-key <key>', 'makes a repeated call give the first result instead of acting twice')
    .action((id: string, given: { atSequence?: number; title?: string; idempotencyKey?: string }, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        const { atSequence, title, idempotencyKey } = given
        const fork = await sessions.fork(id, { atSequence, title, idempotencyKey })
        await output.result(sessionJson(fork), () => sessionHeader(fork, output).trimEnd())
      }),
    )
}
