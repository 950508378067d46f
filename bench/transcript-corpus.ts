import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { seeded } from './search-corpus.js'

type Random = () => number

const words =
  'the a to of in is that for it with as on file test error value return function const import from when we this read write line type string number not found module path run check build server client query table index row page state token user name list map set get add remove update change fix bug issue case branch merge commit diff log output input result call tool command shell'.split(
    ' ',
  )
const names =
  'orderTotal parseHeader retryLater SessionStore pageCursor maxAgeMs toJson isReady withLock readAll'.split(' ')
const pick = <Each>(random: Random, of: readonly Each[]): Each => of[Math.floor(random() * of.length)] as Each

/** So many bytes of what agents write and tools print: words, code, paths, numbers, quotes and line ends. */
function prose(random: Random, bytes: number): string {
  let text = ''
  while (text.length < bytes) {
    const dice = random()
    if (dice < 0.75) text += `${pick(random, words)} `
    else if (dice < 0.83) text += `${pick(random, names)}(${Math.floor(random() * 1000)})\n`
    else if (dice < 0.89) text += `src/${pick(random, words)}/${pick(random, names)}.ts:${Math.floor(random() * 300)} `
    else if (dice < 0.94) text += `"${pick(random, words)}": ${random().toString(36).slice(2, 9)},\n    `
    else text += `// ${pick(random, words)} – ${pick(random, words)}\n`
  }
  return text.slice(0, bytes)
}

/** Of the sizes that occur most are small, and a few are many times as large. */
const spread = (random: Random, typical: number) =>
  Math.ceil(typical * Math.exp((random() + random() + random() - 1.5) * 1.6))

const hex = (random: Random, digits: number) =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
const uuid = (random: Random) => [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-')
const sealed = (random: Random, bytes: number) => Buffer.from(hex(random, bytes)).toString('base64').slice(0, bytes)

const clock = (start: number) => {
  let now = start
  return (random: Random) => new Date((now += Math.ceil(random() * 20_000))).toISOString()
}

const start = Date.UTC(2026, 0, 1)
const cwd = '/home/ann/shop'
const failing = 'Error: Cannot find module'

/** A session of Claude Code, in so many turns: a prompt, then thoughts, words, calls and their results. */
export function claudeLines(random: Random, sessionId: string, { turns, steps }: SessionSize): string[] {
  const at = clock(start + Math.floor(random() * 1e10))
  const lines: string[] = []
  let parentUuid: string | null = null
  const add = (type: string, message: object, rest: object = {}) => {
    const own = uuid(random)
    const about = { isSidechain: false, userType: 'external', cwd, sessionId, version: '2.0.28', gitBranch: 'main' }
    const record = { parentUuid, ...about, type, message, ...rest, uuid: own, timestamp: at(random) }
    lines.push(JSON.stringify(record))
    parentUuid = own
  }
  for (let turn = 0; turn < turns; turn++) {
    add('user', { role: 'user', content: prose(random, spread(random, 300)) })
    for (let step = 0; step < steps; step++) claudeStep(random, add, step)
  }
  return lines
}

function claudeStep(random: Random, add: (type: string, message: object, rest?: object) => void, step: number): void {
  const id = `msg_01${hex(random, 22)}`
  const requestId = `req_01${hex(random, 22)}`
  const creation = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 812 }
  const usage = {
    ...{ input_tokens: 4, cache_creation_input_tokens: 812, cache_read_input_tokens: 21_000 + step },
    ...{ cache_creation: creation, output_tokens: Math.ceil(random() * 900), service_tier: 'standard' },
  }
  const answer = (content: object) =>
    add(
      'assistant',
      {
        ...{ model: 'claude-sonnet-4-5', id, type: 'message', role: 'assistant', content: [content] },
        ...{ stop_reason: null, stop_sequence: null, usage },
      },
      { requestId },
    )
  if (step % 3 === 0) {
    const signature = sealed(random, 600)
    answer({ type: 'thinking', thinking: prose(random, spread(random, 500)), signature })
  }
  if (step % 2 === 0) answer({ type: 'text', text: prose(random, spread(random, 250)) })
  claudeCall(random, add, answer)
}

function claudeCall(
  random: Random,
  add: (type: string, message: object, rest?: object) => void,
  answer: (content: object) => void,
): void {
  const toolu = `toolu_01${hex(random, 22)}`
  const file_path = `${cwd}/src/${pick(random, names)}.ts`
  const edit = {
    file_path,
    old_string: prose(random, spread(random, 300)),
    new_string: prose(random, spread(random, 400)),
  }
  const inputs = [
    ['Bash', { command: `npm test -- ${pick(random, words)}`, description: prose(random, 40) }],
    ['Read', { file_path, limit: 200 }],
    ['Grep', { pattern: pick(random, names), path: cwd }],
    ['Edit', edit],
  ] as const
  const [name, input] = pick(random, inputs)
  answer({ type: 'tool_use', id: toolu, name, input })
  const isError = random() < 0.06
  const content = isError
    ? `${failing} '${pick(random, names)}'\n${prose(random, 300)}`
    : prose(random, spread(random, 900))
  // The agent writes the result twice: for the model, and for its own screen.
  add(
    'user',
    { role: 'user', content: [{ tool_use_id: toolu, type: 'tool_result', content, is_error: isError }] },
    { toolUseResult: { stdout: content, stderr: '', interrupted: false, isImage: false } },
  )
}

/** A rollout of Codex, in so many turns. */
export function codexLines(random: Random, sessionId: string, { turns, steps }: SessionSize): string[] {
  const at = clock(start + Math.floor(random() * 1e10))
  const lines: string[] = []
  const add = (type: string, payload: object) =>
    void lines.push(JSON.stringify({ timestamp: at(random), type, payload }))
  add('session_meta', { id: sessionId, timestamp: at(random), cwd, originator: 'codex_cli_rs', cli_version: '0.40.0' })
  const total = {
    input_tokens: 0,
    cached_input_tokens: 0,
    output_tokens: 0,
    reasoning_output_tokens: 0,
    total_tokens: 0,
  }
  for (let turn = 0; turn < turns; turn++) {
    const message = prose(random, spread(random, 400))
    add('turn_context', { turn_id: uuid(random), cwd, approval_policy: 'never', model: 'gpt-5-codex', effort: 'high' })
    add('event_msg', { type: 'user_message', message, kind: 'plain' })
    add('response_item', { type: 'message', role: 'user', content: [{ type: 'input_text', text: message }] })
    for (let step = 0; step < steps; step++) codexStep(random, add, total)
    const text = prose(random, spread(random, 600))
    add('event_msg', { type: 'agent_message', message: text })
    add('response_item', { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] })
  }
  return lines
}

function codexStep(random: Random, add: (type: string, payload: object) => void, total: Record<string, number>): void {
  const text = prose(random, spread(random, 120))
  add('event_msg', { type: 'agent_reasoning', text })
  const summary = [{ type: 'summary_text', text }]
  add('response_item', {
    type: 'reasoning',
    summary,
    content: null,
    encrypted_content: sealed(random, spread(random, 1500)),
  })
  const call_id = `call_${hex(random, 24)}`
  const command = ['bash', '-lc', prose(random, spread(random, 120))]
  const called = JSON.stringify({ command, workdir: cwd, timeout_ms: 120_000 })
  add('response_item', { type: 'function_call', name: 'shell', arguments: called, call_id })
  const exit_code = random() < 0.06 ? 1 : 0
  const output = `${exit_code ? `${failing} './${pick(random, names)}'\n` : ''}${prose(random, spread(random, 900))}`
  const metadata = { exit_code, duration_seconds: 0.4 }
  add('response_item', { type: 'function_call_output', call_id, output: JSON.stringify({ output, metadata }) })
  for (const name of Object.keys(total)) total[name] = (total[name] ?? 0) + Math.ceil(random() * 900)
  const info = { total_token_usage: { ...total }, last_token_usage: { ...total }, model_context_window: 272_000 }
  add('event_msg', { type: 'token_count', info, rate_limits: { primary: { used_percent: 14, window_minutes: 299 } } })
}

/** Prompts of a session, and calls of tools for each of them. */
export interface SessionSize {
  turns: number
  steps: number
}

/** Writes sessions of both agents by turns into a folder; their paths. The same for the same numbers. */
export function writeSessions(folder: string, sessions: number, size: SessionSize): string[] {
  const random = seeded(11)
  return Array.from({ length: sessions }, (_, index) => {
    const id = uuid(random)
    const isClaude = index % 2 === 0
    const lines = isClaude ? claudeLines(random, id, size) : codexLines(random, id, size)
    const day = String(1 + (index % 28)).padStart(2, '0')
    const name = isClaude
      ? `projects/p${index % 50}/${id}.jsonl`
      : `sessions/2026/01/${day}/rollout-2026-01-${day}T00-00-00-${id}.jsonl`
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  })
}
