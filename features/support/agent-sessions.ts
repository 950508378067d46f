/** What happens in a session, in the words of a scenario: `asks`, `answers`, `thinks`, `runs`, `edits`, `returns`, `fails`. */
export type Line = readonly [does: string, text: string]

export interface AgentSession {
  id: string
  /** Name of the working folder. */
  project: string
  /** In which each line takes a minute. */
  startedAt: Date
  lines: readonly Line[]
}

/** Every response costs this, as far as the format of the agent tells. */
export const tokensOfResponse = { inputTokens: 100, cacheReadTokens: 10, outputTokens: 20 }
const { inputTokens, cacheReadTokens, outputTokens } = tokensOfResponse
const isResponse = ([does]: Line) => /^(answers|thinks|runs|edits)$/.test(does)

export const jsonLines = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('')

const instantOf = ({ startedAt }: AgentSession, index: number) =>
  new Date(startedAt.getTime() + index * 60_000).toISOString()

/** The number of the call that a line makes, or that it tells the result of. */
const callOf = (lines: readonly Line[], index: number) =>
  lines.slice(0, index + 1).filter(([does]) => does === 'runs' || does === 'edits').length

/** The files in which an agent keeps a session, by their paths in its folder. */
export const filesOfAgent: Record<string, (session: AgentSession) => Record<string, string>> = {
  Claude: (session) => ({ [`${session.id}.jsonl`]: jsonLines(claudeRecords(session)) }),
  Codex: (session) => ({ [`rollout-2026-01-05T09-00-00-${session.id}.jsonl`]: jsonLines(codexRecords(session)) }),
  Grok: (session) => ({
    [`${session.id}/chat_history.jsonl`]: jsonLines(grokChat(session)),
    [`${session.id}/updates.jsonl`]: jsonLines(grokUpdates(session)),
    [`${session.id}/summary.json`]: JSON.stringify({
      info: { id: session.id, cwd: `/srv/${session.project}` },
      created_at: session.startedAt.toISOString(),
    }),
  }),
}

/** From one line on, for a session that goes on; each response in a record of its own. */
export function claudeRecords(session: AgentSession, from = 0): object[] {
  const { id, project, lines } = session
  return lines.slice(from).map((line, offset) => {
    const index = from + offset
    const uuid = (of: number) => `${id}-${of}`
    return {
      ...{ type: isResponse(line) ? 'assistant' : 'user', sessionId: id, isSidechain: false },
      ...{ uuid: uuid(index), parentUuid: index === 0 ? null : uuid(index - 1), requestId: `request-${uuid(index)}` },
      ...{ timestamp: instantOf(session, index), cwd: `/srv/${project}`, gitBranch: 'main' },
      message: claudeMessage(line, { id: uuid(index), call: `${id}-call-${callOf(lines, index)}` }),
    }
  })
}

function claudeMessage([does, text]: Line, { id, call }: { id: string; call: string }): object {
  const usage = {
    ...{ input_tokens: inputTokens, cache_read_input_tokens: cacheReadTokens, output_tokens: outputTokens },
  }
  const answer = (block: object) => ({ id, model: 'claude-x', role: 'assistant', content: [block], usage })
  const use = (name: string, input: object) => answer({ type: 'tool_use', id: call, name, input })
  if (does === 'answers') return answer({ type: 'text', text })
  if (does === 'thinks') return answer({ type: 'thinking', thinking: text })
  if (does === 'runs') return use('Bash', { command: text })
  if (does === 'edits') return use('Edit', { file_path: text, old_string: 'a', new_string: 'b' })
  if (does === 'asks') return { role: 'user', content: text }
  const result = { type: 'tool_result', tool_use_id: call, content: text, is_error: does === 'fails' }
  return { role: 'user', content: [result] }
}

function codexRecords(session: AgentSession, before = 0): object[] {
  const { id, lines } = session
  const turn = codexRecord(session, 0, 'turn_context', { turn_id: `turn of ${id}`, model: 'gpt-x' })
  const told = lines.flatMap((line, index) => {
    const responses = before + lines.slice(0, index + 1).filter(isResponse).length
    const items = codexItems(line, `${id}-call-${callOf(lines, index)}`)
    const records = isResponse(line) ? [...items, codexTotals(responses)] : items
    return records.map(([type, payload]) => codexRecord(session, index, type, payload))
  })
  return [codexMeta(session), turn, ...told]
}

/** Its own head, all that it was forked from, and then what is its own; the counters run on. */
export function codexFork(session: AgentSession, parent: AgentSession): object[] {
  const [, ...own] = codexRecords(session, parent.lines.filter(isResponse).length)
  return [codexMeta(session, { forked_from_id: parent.id }), ...codexRecords(parent), ...own]
}

const codexMeta = (session: AgentSession, more: object = {}) =>
  codexRecord(session, 0, 'session_meta', {
    ...{ id: session.id, cwd: `/srv/${session.project}`, timestamp: instantOf(session, 0) },
    ...more,
  })

const codexRecord = (session: AgentSession, index: number, type: string, payload: object) => ({
  ...{ timestamp: instantOf(session, index), type, payload },
})

function codexItems([does, text]: Line, call_id: string): [type: string, payload: object][] {
  const item = (payload: object): [string, object] => ['response_item', payload]
  if (does === 'asks') return [['event_msg', { type: 'user_message', message: text }]]
  if (does === 'answers') {
    return [item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] })]
  }
  if (does === 'runs') {
    return [item({ type: 'function_call', name: 'shell', call_id, arguments: JSON.stringify({ command: [text] }) })]
  }
  const result = item({ type: 'function_call_output', call_id, output: text })
  return does === 'fails' ? [result, ['event_msg', { type: 'exec_command_end', call_id, exit_code: 1 }]] : [result]
}

/** As Codex counts: since the session began, and what was read from the cache as part of the input. */
const codexTotals = (responses: number): [type: string, payload: object] => {
  const total_token_usage = {
    input_tokens: responses * (inputTokens + cacheReadTokens),
    cached_input_tokens: responses * cacheReadTokens,
    output_tokens: responses * outputTokens,
  }
  return ['event_msg', { type: 'token_count', info: { total_token_usage } }]
}

function grokChat({ lines }: AgentSession): object[] {
  return lines.map(([does, text], index) => {
    const id = `call-${callOf(lines, index)}`
    const answer = { type: 'assistant', model_id: 'grok-x' }
    if (does === 'asks') return { type: 'user', content: [{ type: 'text', text: `<user_query>${text}</user_query>` }] }
    if (does === 'answers') return { ...answer, content: text }
    if (does !== 'runs') return { type: 'tool_result', tool_call_id: id, content: text }
    return { ...answer, content: '', tool_calls: [{ id, name: 'bash', arguments: JSON.stringify({ command: text }) }] }
  })
}

/** When it was, what failed, and at the end of the turn what it cost. */
function grokUpdates(session: AgentSession): object[] {
  const { id, lines } = session
  const update = (index: number, told: object, meta: object = {}) => ({
    ...{ timestamp: Date.parse(instantOf(session, index)) / 1000, method: 'session/update' },
    params: { sessionId: id, update: told, _meta: { eventId: `event-${index}`, ...meta } },
  })
  const timed = lines.flatMap(([does], index) => {
    const toolCallId = `call-${callOf(lines, index)}`
    const status = does === 'fails' ? 'failed' : 'completed'
    if (does === 'asks') return [update(index, { sessionUpdate: 'user_message_chunk' }, { promptIndex: 0 })]
    if (does === 'runs') return [update(index, { sessionUpdate: 'tool_call', toolCallId })]
    return does === 'answers' ? [] : [update(index, { sessionUpdate: 'tool_call_update', toolCallId, status })]
  })
  const responses = lines.filter(isResponse).length
  const usage = {
    inputTokens: responses * (inputTokens + cacheReadTokens),
    cachedReadTokens: responses * cacheReadTokens,
    outputTokens: responses * outputTokens,
    modelUsage: { 'grok-x': {} },
  }
  const ended = { sessionUpdate: 'turn_completed', prompt_id: `${id}-prompt`, stop_reason: 'end_turn', usage }
  return [...timed, update(lines.length, ended)]
}
