import assert from 'node:assert/strict'
import Sqlite from 'better-sqlite3'
import type { ReadCursor, ReadOptions } from '../src/domain/transcripts/transcript-reader.js'
import { OpencodeReader } from '../src/infrastructure/readers/opencode/opencode-reader.js'
import { file, newFolder } from './reader-files.js'

const times = 'time_created integer not null, time_updated integer not null'
const sessionColumns = `id text primary key, project_id text not null, parent_id text, directory text not null, title text,
  version text not null, ${times}`
const projects = 'create table if not exists project (id text primary key, worktree text not null, vcs text);'
const older = `${projects} create table session (${sessionColumns});
  create table message (id text primary key, session_id text not null, ${times}, data text not null);
  create table part (id text primary key, message_id text not null, session_id text not null, ${times}, data text not null);`
const newer = `${projects} create table session_v2 (${sessionColumns}, fork_session_id text);
  create table session_message (id text primary key, session_id text not null, type text not null, seq integer not null,
    ${times}, data text not null);`
export const reader = new OpencodeReader()
const schemas = { older, newer }

/** 2026-01-01T00:00:00Z, and some milliseconds. */
export const at = (ms: number): number => Date.UTC(2026, 0, 1) + ms

interface SessionOptions {
  parent?: string
  fork?: string
  title?: string
  updatedAt?: number
}

/** A database as opencode keeps it: in the layout before version 2, in that of version 2, or in both. */
export class OpencodeDatabase {
  readonly database: Sqlite.Database

  constructor(
    readonly path = file('opencode.db', '', newFolder()),
    ...layouts: (keyof typeof schemas)[]
  ) {
    this.database = new Sqlite(path)
    this.database.pragma('journal_mode = wal')
    this.add(...layouts)
    if (layouts.length > 0) this.run("insert into project values ('p', '/home/ann/shop', 'git')")
  }

  add(...layouts: (keyof typeof schemas)[]): void {
    for (const layout of layouts) this.database.exec(schemas[layout])
  }

  run(sql: string, ...parameters: unknown[]): void {
    this.database.prepare(sql).run(...parameters)
  }

  session(id: string, { parent, title = 'Mend the till', updatedAt = at(0) }: SessionOptions = {}): void {
    const values = [id, 'p', parent ?? null, '/home/ann/shop/till', title, '1.18.0', at(0), updatedAt]
    this.run('insert into session values (?, ?, ?, ?, ?, ?, ?, ?)', ...values)
  }

  sessionOf2(id: string, { parent, fork, title = 'Mend the till', updatedAt = at(0) }: SessionOptions = {}): void {
    const values = [id, 'p', parent ?? null, '/home/ann/shop/till', title, '2.0.15', updatedAt, updatedAt, fork ?? null]
    this.run('insert into session_v2 values (?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values)
  }

  message(session: string, id: string, data: object | string, ms: number): void {
    this.run('insert into message values (?, ?, ?, ?, ?)', id, session, at(ms), at(ms), textOf(data))
  }

  part(session: string, message: string, id: string, data: object | string, ms: number): void {
    this.run('insert into part values (?, ?, ?, ?, ?, ?)', id, message, session, at(ms), at(ms), textOf(data))
  }

  messageOf2(session: string, id: string, type: string, data: object | string, ms: number): void {
    const sql = `insert into session_message values (?, ?, ?, (select count(*) from session_message), ?, ?, ?)`
    this.run(sql, id, session, type, at(ms), at(ms), textOf(data))
  }

  write(table: 'message' | 'part' | 'session_message', id: string, data: object, ms: number): void {
    this.run(`update ${table} set data = ?, time_updated = ? where id = ?`, textOf(data), at(ms), id)
  }

  close(): string {
    this.database.close()
    return this.path
  }
}

const textOf = (data: object | string) => (typeof data === 'string' ? data : JSON.stringify(data))

export const tokens = { input: 100, output: 20, reasoning: 5, cache: { read: 40, write: 3 } }
export const asked = (ms: number) => ({ role: 'user', time: { created: at(ms) }, agent: 'build' })
export const answered = (ms: number, more: object = {}) => ({
  ...{ role: 'assistant', providerID: 'acme', modelID: 'acme-1', agent: 'build', cost: 0 },
  ...{ path: { cwd: '/home/ann/shop/till', root: '/home/ann/shop' }, tokens, finish: 'stop' },
  time: { created: at(ms), completed: at(ms + 500) },
  ...more,
})
export const said = (text: string, more: object = {}) => ({ type: 'text', text, ...more })
export const called = (callID: string, tool: string, state: object) => ({ type: 'tool', callID, tool, state })

export const bash = (output: string, exit: number, ms: number) => ({
  ...{ status: 'completed', input: { command: 'npm test' }, output, title: 'Tests', metadata: { exit } },
  time: { start: at(ms), end: at(ms + 50) },
})
const failed = (error: string, ms: number) => ({
  ...{ status: 'error', input: { filePath: '/home/ann/shop/a.ts' }, error, time: { start: at(ms), end: at(ms + 50) } },
})

/** A session with what there is in one. */
export function olderSession(): OpencodeDatabase {
  const made = new OpencodeDatabase(undefined, 'older')
  made.session('ses_1')
  made.message('ses_1', 'msg_1', asked(1000), 1000)
  made.part('ses_1', 'msg_1', 'prt_1', said('Please test'), 1000)
  made.part('ses_1', 'msg_1', 'prt_2', said('The file holds …', { synthetic: true }), 1000)
  made.part(
    'ses_1',
    'msg_1',
    'prt_3',
    { type: 'file', mime: 'text/plain', filename: 'a.ts', url: 'file:///a.ts' },
    1000,
  )
  made.message('ses_1', 'msg_2', answered(2000, { finish: 'tool-calls' }), 2000)
  const parts = [
    { type: 'step-start' },
    { type: 'reasoning', text: 'Tests first', time: { start: at(2010) } },
    said('I will', { time: { start: at(2020) } }),
    called('c1', 'bash', bash('12 passed', 0, 2100)),
    called('c2', 'bash', bash('1 failed', 1, 2200)),
    called('c3', 'edit', failed('Error: The user rejected permission to use this specific tool call.', 2300)),
    called('c4', 'apply_patch', failed('no such file', 2400)),
    called('c5', 'bash', { status: 'running', input: { command: 'ls' }, time: { start: at(2450) } }),
    {
      type: 'retry',
      attempt: 1,
      error: { name: 'APIError', data: { message: 'overloaded' } },
      time: { created: at(2460) },
    },
    { type: 'step-finish', reason: 'tool-calls', tokens, cost: 0 },
    { type: 'patch', hash: 'h', files: [] },
  ]
  for (const [index, part] of parts.entries()) made.part('ses_1', 'msg_2', `prt_${10 + index}`, part, 2000 + index)
  made.message('ses_1', 'msg_3', answered(3000), 3000)
  made.part('ses_1', 'msg_3', 'prt_30', said('It is tested', { time: { start: at(3010) } }), 3000)
  const error = { name: 'MessageAbortedError', data: { message: 'aborted' } }
  made.message('ses_1', 'msg_4', answered(4000, { error, tokens: undefined }), 4000)
  const limit = { name: 'APIError', data: { message: 'quota' } }
  made.message('ses_1', 'msg_5', answered(5000, { error: limit, tokens: undefined }), 5000)
  return made
}

export async function sourceOf(path: string) {
  const source = await reader.identify(path)
  assert.ok(source)
  return source
}

/** From where the cursor, as a store keeps it, left off. */
export async function goOn(path: string, cursor?: ReadCursor, options?: ReadOptions) {
  const kept = cursor && (JSON.parse(JSON.stringify(cursor)) as ReadCursor)
  const batches = []
  for await (const batch of reader.read(await sourceOf(path), kept, options)) batches.push(batch)
  const records = batches.flatMap((batch) => batch.records)
  const last = batches.at(-1)
  assert.ok(last)
  return { records, cursor: last.cursor, isRewritten: batches.some(({ isRewritten }) => isRewritten) }
}
