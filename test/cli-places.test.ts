import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { DataSource } from 'typeorm'
import { sqliteType } from '../features/support/storages.js'
import type { SessionJson } from '../src/domain/sessions/session-archive.js'
import { Terminal } from './terminal.js'
import { claudeSession, lines, session } from './transcript-corpus.js'

/** SQL behind the store's back. */
async function execute(file: string, sql: string): Promise<{ name: string }[]> {
  const connection = new DataSource({ type: sqliteType, database: file } as ConstructorParameters<typeof DataSource>[0])
  await connection.initialize()
  try {
    return await connection.query(sql)
  } finally {
    await connection.destroy()
  }
}

const tablesOf = async (file: string) =>
  (await execute(file, "select name from sqlite_master where type = 'table' order by name")).map(({ name }) => name)

test('a file of somebody else is refused by every command that makes none, and gets no tables', async () => {
  const terminal = new Terminal()
  await execute(terminal.file, 'create table orders (id integer primary key)')
  for (const line of [
    ...['list', 'show x', 'messages x', 'follow x', 'verify x', 'usage', 'find --id x', 'export x', 'fork x'],
    ...[
      'append x --role user --content x',
      'truncate x --after-sequence 0',
      'update x --title x',
      'close x',
      'delete x',
    ],
    'import --dry-run -',
  ]) {
    const { exitCode, stderr } = await terminal.type(['sessions', ...line.split(' '), '--json'], { input: '{}' })
    const { code, message } = (JSON.parse(stderr) as { error: { code: string; message: string } }).error
    assert.deepEqual([exitCode, code], [5, 'SCHEMA_STALE'], line)
    assert.match(message, /hansard migrate up/)
  }
  assert.equal((await terminal.type(['doctor'])).exitCode, 5)
  assert.deepEqual(await tablesOf(terminal.file), ['orders'])
  await terminal.create()
  assert.equal((await terminal.type(['sessions', 'list'])).exitCode, 0)
})

test('--table-prefix, or its variable, leads every command to the same tables', async () => {
  const terminal = new Terminal()
  await terminal.json('migrate', 'up', '--table-prefix', 'agent_')
  const tables = await tablesOf(terminal.file)
  assert.ok(tables.includes('agent_sessions') && !tables.includes('sessions'), String(tables))
  assert.equal((await terminal.type(['sessions', 'list'])).exitCode, 5)
  const { id } = await terminal.create('--table-prefix', 'agent_')
  terminal.env.HANSARD_TABLE_PREFIX = 'agent_'
  assert.equal((await terminal.json<SessionJson>('sessions', 'show', id)).id, id)
  assert.equal((await terminal.json<{ ok: boolean }>('doctor')).ok, true)
  assert.match((await terminal.type(['migrate', 'sql'])).stdout, /create table "agent_sessions"/)
})

test('a schema is for Postgres: SQLite refuses the option and has no use for the variable', async () => {
  const terminal = new Terminal()
  for (const line of [
    ['migrate', 'up'],
    ['sessions', 'list'],
  ]) {
    const { exitCode, stderr } = await terminal.type([...line, '--schema', 'agents'])
    assert.equal(exitCode, 2)
    assert.match(stderr, /--schema: "agents".*SQLite/)
  }
  terminal.env.HANSARD_SCHEMA = 'agents'
  assert.equal((await terminal.create()).actorName, 'ada')
})

test('migrate sql needs no file, however the database is written', async () => {
  const terminal = new Terminal()
  for (const database of [`sqlite:${join(terminal.folder, 'no.db')}`, join(terminal.folder, 'no.db'), 'no.sqlite3']) {
    const { exitCode, stdout } = await terminal.type(['migrate', 'sql', '--database', database])
    assert.equal(exitCode, 0, database)
    assert.match(stdout, /create table "sessions"/)
  }
  const { exitCode, stderr } = await terminal.type(['migrate', 'sql', '--database', 'mysql://host/app'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /"mysql" is not a database/)
})

test('export --output writes through a link and into a pipe, and puts a file in the place of neither', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const [real, link, pipe] = ['real.json', 'link.json', 'pipe'].map((name) => join(terminal.folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(real, 'older')
  symlinkSync(real, link)
  await terminal.json('sessions', 'export', id, '--output', link)
  assert.ok(lstatSync(link).isSymbolicLink())
  assert.ok(readFileSync(real, 'utf8').includes(id))
  execFileSync('mkfifo', [pipe])
  const [read] = await Promise.all([readFile(pipe, 'utf8'), terminal.json('sessions', 'export', id, '--output', pipe)])
  assert.ok(read.includes(id))
  assert.ok(lstatSync(pipe).isFIFO())
})

test('HANSARD_REDACT hides secrets in what is stored from then on, and is refused by its name', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const secret = 'DB_PASSWORD=hunter2'
  assert.equal((await terminal.say(id, secret)).content, secret)
  terminal.env.HANSARD_REDACT = 'messages, activity'
  assert.match(String((await terminal.say(id, secret)).content), /^DB_PASSWORD=\[redacted:password:[0-9a-f]{4}\]$/)
  const tool = ['activity', 'record', '--kind', 'tool', '--name', 'Bash']
  const { payload } = await terminal.json<{ payload: object }>(...tool, '--payload', JSON.stringify({ error: secret }))
  assert.match(JSON.stringify(payload), /redacted:password/)
  terminal.env.HANSARD_REDACT = 'everything'
  const { exitCode, stderr } = await terminal.type(['sessions', 'list'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /redact: "everything" is not one; write messages, activity/)
})

test('a file of settings says what transcripts do not tell, and is refused by its name', async () => {
  const terminal = new Terminal()
  await terminal.create()
  const file = join(terminal.folder, 'settings.json')
  terminal.env.HANSARD_TRANSCRIPT_SETTINGS = file
  const list = async (settings?: string) => {
    if (settings !== undefined) writeFileSync(file, settings)
    const { exitCode, stderr } = await terminal.type(['sessions', 'list'])
    return `${exitCode} ${stderr}`
  }
  assert.match(await list(), /^2 .*settings\.json: cannot be read: ENOENT/s)
  assert.match(await list('{ domains'), /^2 .*settings\.json: is not JSON/s)
  assert.match(await list('[]'), /^2 .*settings\.json: holds JSON that is no object/s)
  assert.match(await list('{ "prices": { "some-model": 3 } }'), /^2 .*transcripts\.prices\.some-model: 3 is not one/s)
  assert.match(await list('{ "domains": { "/home/ann/shop": "retail" } }'), /^0 /)
  assert.match(await list('{ "bodies": 3 }'), /^2 .*transcripts\.bodies: 3 is not one/s)
  const bodies = join(terminal.folder, 'bodies')
  assert.match(await list(JSON.stringify({ bodies })), /^0 /)
  const transcript = join(terminal.folder, 'a.jsonl')
  writeFileSync(transcript, lines(claudeSession(session, 1)))
  await terminal.json('transcripts', 'ingest', transcript)
  assert.equal(readdirSync(bodies).length, 1)
})
