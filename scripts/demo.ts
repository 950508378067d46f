import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { Hansard } from '../src/hansard.js'
import { runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { fromEnvironment } from '../src/infrastructure/database/environment.js'
import { openHansard, openMigrations } from '../src/open-hansard.js'

const database = 'sqlite:./.hansard/demo.db'
const archiveFile = './.hansard/demo-session.json'

/** The main job end to end, on a SQLite file that stays: every run adds one conversation to it. */
async function demo(): Promise<void> {
  await mkdir('./.hansard', { recursive: true })
  say(`Opening ${database}; the file and its tables are made if there are none.`)
  const hansard = await openHansard({ database })
  const id = await record(hansard)
  await resume(hansard, id)
  await hansard.close()

  await run('What was recorded, read back from disk', `sessions show ${id}`)
  await run('What it cost, by model and by day', `sessions usage ${id}`)
  await run('The whole session as one checksummed archive', `sessions export ${id} --output ${archiveFile}`)
  const copyId = await importCopy()
  await run('The copy recomputed: every hash, the order, the sums', `sessions verify ${copyId}`)
  await run('All that the store holds by now', 'sessions list --limit 6')
  suggest(id)
}

async function record({ sessions }: Hansard): Promise<string> {
  const session = await sessions.create({
    actorName: 'ada',
    title: 'Will it rain in Oslo?',
    metadata: { channel: 'demo' },
  })
  say(`Created session ${session.id} for the actor "ada".`)
  await sessions.appendMessage(session.id, { role: 'user', content: 'Do I need an umbrella in Oslo tomorrow?' })
  const model = 'example-model'
  const call = { type: 'tool_use', id: 'call_1', name: 'forecast', input: { city: 'Oslo', day: 'tomorrow' } }
  const turn = [
    {
      role: 'assistant' as const,
      content: [{ type: 'text', text: 'Let me look at the forecast.' }, call],
      usage: { inputTokens: 412, outputTokens: 38, estimatedCostUsd: 0.001806, model },
    },
    {
      role: 'tool' as const,
      content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'Oslo, tomorrow: 9 °C, rain from noon, 80 %' }],
      toolCallId: 'call_1',
    },
    {
      role: 'assistant' as const,
      content: 'Yes: rain is likely from noon on. Take the umbrella.',
      usage: { inputTokens: 96, cacheReadTokens: 412, outputTokens: 21, estimatedCostUsd: 0.00073, model },
    },
  ]
  const options = { idempotencyKey: 'turn-1', expectedSequence: 1 }
  const appended = await sessions.appendMessages(session.id, turn, options)
  say(`Appended a question, then a turn of ${appended.length} messages in one transaction: all or none.`)
  const again = await sessions.appendMessages(session.id, turn, options)
  const same = again.every((message, index) => message.id === appended[index]?.id)
  say(
    `Sent the same turn again, as after a lost reply: ${same ? 'the same messages came back, nothing doubled' : 'DOUBLED'}.`,
  )
  return session.id
}

async function resume({ sessions }: Hansard, id: string): Promise<void> {
  const { items } = await sessions.messages(id, { latest: 2 })
  say(`Resumed from the last ${items.length} messages, #${items.map((message) => message.sequence).join(' and #')}.`)
  await sessions.appendMessage(id, { role: 'user', content: 'Thanks!' })
}

/** Runs a command in this process, as the command `hansard` would. */
async function run(title: string, line: string): Promise<void> {
  say(`\n— ${title}\n$ ${shown(line)}\n`)
  process.argv = ['node', 'hansard', ...line.split(' '), '--database', database]
  const exitCode = await runCommandLine({ openHansard, openMigrations, fromEnvironment }, process)
  if (exitCode !== 0) throw new Error(`hansard ${line} ended with exit code ${exitCode}`)
}

async function importCopy(): Promise<string> {
  const hansard = await openHansard({ database, mustExist: true })
  const report = await hansard.sessions.importSession(createReadStream(archiveFile))
  await hansard.close()
  say(`\nImported that archive again under new ids; its checksum was right: ${report.origin.checksum}`)
  return report.sessionId as string
}

function suggest(id: string): void {
  const lines = ['sessions list', `sessions follow ${id}`, `sessions export ${id} --form markdown`, 'doctor', '--help']
  say(`\n— What to type next\n${lines.map(shown).join('\n')}`)
}

function shown(line: string): string {
  return `node dist/src/bin.js ${line}${line.startsWith('-') ? '' : ` --database ${database}`}`
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

void demo()
