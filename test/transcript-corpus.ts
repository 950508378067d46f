import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const session = '0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'
export const fork = '1a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
export const lines = (records: object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

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
export function claudeSession(sessionId: string, turns: number): object[] {
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

export const codexId = (index: number) => `01997e76-d124-7592-9cac-2ec05abbca0${index}`
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
export const files = {
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

export class Corpus {
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
