import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestStore, testOnBoth } from './test-store.js'
import { transcriptStore } from './transcript-store.js'

const session = '0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'
const fork = '1a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
const lines = (records: object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

function claudeRecord(index: number, sessionId: string, message: object, extra: object = {}): object {
  const uuid = (of: number) => `00000000-0000-4000-8000-${String(of).padStart(12, '0')}`
  const chain = { uuid: uuid(index), parentUuid: index > 0 ? uuid(index - 1) : null, isSidechain: false }
  const type = 'id' in message ? 'assistant' : 'user'
  return {
    ...chain,
    type,
    sessionId,
    timestamp: at(index),
    cwd: '/home/ann/shop',
    gitBranch: 'main',
    message,
    ...extra,
  }
}

const usage = (output: number) => ({ input_tokens: 10, cache_read_input_tokens: 5, output_tokens: output })
const long = (index: number) => `result ${index} ${'more of it '.repeat(600)}`

/** A session of calls and results; each response is written in two records, the first with fewer tokens. */
function claudeSession(sessionId: string, turns: number): object[] {
  const records: object[] = []
  for (let turn = 0; turn < turns; turn++) {
    const add = (message: object, extra?: object) =>
      records.push(claudeRecord(records.length, sessionId, message, extra))
    const answer = (output: number, ...content: object[]) =>
      add(
        { id: `msg_${turn}`, model: 'claude-x', role: 'assistant', content, usage: usage(output) },
        { requestId: `req_${turn}` },
      )
    add({ role: 'user', content: `Please do ${turn}` })
    answer(1, { type: 'text', text: `I will do ${turn}` })
    answer(50 + turn, { type: 'tool_use', id: `toolu_${turn}`, name: 'Bash', input: { command: 'npm test' } })
    const isError = turn % 3 === 1
    const content = isError ? `Error: Cannot find module 'm${turn % 2}'` : long(turn)
    add({ role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${turn}`, content, is_error: isError }] })
  }
  return records
}

const asFork = (records: object[]) => records.map((record) => ({ ...record, sessionId: fork }))

const codexId = (index: number) => `01997e76-d124-7592-9cac-2ec05abbca0${index}`
const item = (second: number, type: string, payload: object) => ({ timestamp: at(second), type, payload })
const codexTurn = (second: number, turn: string, total: number) => [
  item(second, 'turn_context', { turn_id: turn, cwd: '/home/ann/shop', model: 'gpt-x' }),
  item(second + 1, 'event_msg', { type: 'user_message', message: `Do ${turn}` }),
  item(second + 1, 'response_item', {
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: `Do ${turn}` }],
  }),
  item(second + 2, 'response_item', {
    type: 'function_call',
    name: 'shell',
    call_id: `c-${turn}`,
    arguments: '{"command":["ls"]}',
  }),
  item(second + 3, 'response_item', {
    type: 'function_call_output',
    call_id: `c-${turn}`,
    output: 'Exit code: 1\nOutput:\nls: no such file',
  }),
  item(second + 4, 'event_msg', { type: 'exec_command_end', call_id: `c-${turn}`, exit_code: 1 }),
  item(second + 5, 'event_msg', { type: 'agent_message', message: `Did ${turn}` }),
  item(second + 5, 'response_item', {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: `Did ${turn}` }],
  }),
  item(second + 6, 'event_msg', {
    type: 'token_count',
    info: { total_token_usage: { input_tokens: total * 10, cached_input_tokens: total, output_tokens: total } },
  }),
]
const codexMeta = (index: number, parent?: number) =>
  item(0, 'session_meta', {
    id: codexId(index),
    cwd: '/home/ann/shop',
    ...(parent !== undefined && { forked_from_id: codexId(parent) }),
  })
const codexParent = [codexMeta(1), ...codexTurn(10, 'one', 5), ...codexTurn(20, 'two', 9)]
const codexChild = [codexMeta(2, 1), ...codexParent, ...codexTurn(40, 'three', 12)]

const rollout = (index: number) => `codex/rollout-2026-01-01T00-00-0${index}-${codexId(index)}.jsonl`
const files = {
  [`claude/${session}.jsonl`]: lines(claudeSession(session, 12)),
  [`claude/${fork}.jsonl`]: lines([
    ...asFork(claudeSession(session, 8)),
    ...asFork(claudeSession(fork, 3)).map((record, index) => ({
      ...record,
      uuid: `fork-${index}`,
      timestamp: at(500 + index),
    })),
  ]),
  'claude/copy of it.jsonl': lines(claudeSession(session, 5)),
  [rollout(1)]: lines(codexParent),
  [rollout(2)]: lines(codexChild),
}

class Corpus {
  readonly folder = mkdtempSync(join(tmpdir(), 'hansard-corpus-'))

  path(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, content: string | Buffer): string {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), content)
    return this.path(name)
  }

  writeAll(): string[] {
    return Object.entries(files).map(([name, content]) => this.write(name, content))
  }
}

const notDerived = ['id', 'discovered_at', 'ingested_at', 'analyzed_at', 'generation', 'transcript_id', 'source_id']

/** Every table of the namespace that tells of transcripts, without what differs from run to run. */
export async function contents(store: TestStore, namespace: string): Promise<Record<string, string[]>> {
  const table = (name: string) => (store.schema ? `${store.schema}.${name}` : name)
  const within = `namespace = '${namespace}'`
  const uid = `(select uid from ${table('transcripts')} t where t.id = x.transcript_id) as uid`
  const path = `(select path from ${table('transcript_sources')} s where s.id = x.source_id) as path`
  const queries = {
    transcripts: `select x.* from ${table('transcripts')} x where ${within}`,
    events: `select x.*, ${uid}, ${path} from ${table('transcript_events')} x where ${within}`,
    usages: `select x.*, ${uid}, ${path} from ${table('transcript_usages')} x where ${within}`,
    links: `select x.*, ${uid}, ${path} from ${table('transcript_links')} x where ${within}`,
    bodies: `select sha256, bytes from ${table('transcript_bodies')} where ${within}`,
    errors: `select x.*, ${uid} from ${table('transcript_errors')} x where ${within}`,
    search: `select x.kind, x.at, (select e.event_key from ${table('transcript_events')} e where e.id = x.transcript_event_id) as event_key from ${table('search_entries')} x where ${within}`,
  }
  const found: Record<string, string[]> = {}
  for (const [name, query] of Object.entries(queries)) {
    const rows = await store.execute(query)
    found[name] = rows.map((row) => JSON.stringify(comparable(row))).sort()
  }
  return found
}

function comparable(row: Record<string, unknown>): object {
  const entries = Object.entries(row).filter(([name]) => name !== 'namespace' && !notDerived.includes(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]))
}

testOnBoth('the same files give the same tables, in any order, once or twice, in parts or rewritten', async (store) => {
  const corpus = new Corpus()
  try {
    const paths = corpus.writeAll()
    const into = async (namespace: string, ...runs: string[][]) => {
      const { ingest } = await transcriptStore(store, { namespace })
      for (const each of runs) assert.deepEqual((await ingest({ paths: each })).sources.failed, [])
      return contents(store, namespace)
    }
    const once = await into('once', paths)
    assert.ok(once.events!.length > 80 && once.search!.length > 50 && once.bodies!.length > 3)
    assert.deepEqual(await into('twice', paths, paths), once)
    assert.deepEqual(await into('backwards', ...paths.map((path) => [path]).reverse()), once)
    assert.deepEqual(await into('one by one', ...paths.map((path) => [path])), once)

    for (const share of [0.1, 0.37, 0.5, 0.83]) {
      for (const [name, content] of Object.entries(files)) {
        corpus.write(name, Buffer.from(content).subarray(0, Math.floor(content.length * share)))
      }
      const { ingest } = await transcriptStore(store, { namespace: `cut ${share}` })
      await ingest({ paths })
      for (const [name, content] of Object.entries(files)) {
        appendFileSync(corpus.path(name), Buffer.from(content).subarray(Math.floor(content.length * share)))
      }
      await ingest({ paths })
      assert.deepEqual(await contents(store, `cut ${share}`), once, `cut at ${share}`)
    }

    const { ingest } = await transcriptStore(store, { namespace: 'rewritten' })
    for (const [name, content] of Object.entries(files)) {
      corpus.write(
        name,
        lines(claudeSession('2a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f', 3)).slice(0, -4) + content.slice(content.length),
      )
    }
    await ingest({ paths: paths.filter((path) => path.includes('claude')) })
    corpus.writeAll()
    await ingest({ paths })
    const rewritten = await contents(store, 'rewritten')
    assert.deepEqual({ ...rewritten, bodies: [] }, { ...once, bodies: [] })
    assert.equal(readFileSync(paths[0] ?? '', 'utf8'), files[`claude/${session}.jsonl`])
  } finally {
    rmSync(corpus.folder, { recursive: true })
  }
})

testOnBoth('a response is counted once across files, for the session that began first', async (store) => {
  const corpus = new Corpus()
  try {
    const paths = corpus.writeAll()
    const { ingest } = await transcriptStore(store)
    const { transcripts } = await ingest({ paths })
    const outputs = Object.fromEntries(transcripts.map(({ uid, tokens }) => [uid, tokens.outputTokens]))
    const sum = (turns: number) => Array.from({ length: turns }, (_, turn) => 50 + turn).reduce((a, b) => a + b, 0)
    assert.deepEqual(outputs, {
      [`claude:${session}`]: sum(12),
      [`claude:${fork}`]: 0,
      [`codex:${codexId(1)}`]: 9,
      [`codex:${codexId(2)}`]: 3,
    })
    const own = transcripts.find(({ uid }) => uid === `codex:${codexId(2)}`)
    assert.deepEqual([own?.userPrompts, own?.toolCalls, own?.toolErrors], [1, 1, 1])
  } finally {
    rmSync(corpus.folder, { recursive: true })
  }
})
