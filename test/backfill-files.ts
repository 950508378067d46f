import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of sources that a backfill is to read. */
export class SourceFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'hansard-backfill-'))

  at(name: string): string {
    return join(this.path, name)
  }

  write(name: string, text: string | Buffer): string {
    mkdirSync(dirname(this.at(name)), { recursive: true })
    writeFileSync(this.at(name), text)
    return this.at(name)
  }

  append(name: string, text: string | Buffer): void {
    appendFileSync(this.at(name), text)
  }

  move(from: string, to: string): string {
    mkdirSync(dirname(this.at(to)), { recursive: true })
    renameSync(this.at(from), this.at(to))
    return this.at(to)
  }

  issue(name: string, fields: Record<string, string>, body = ''): string {
    const lines = Object.entries(fields).map(([key, value]) => `${key}: ${value}`)
    return this.write(name, ['---', ...lines, '---', body].join('\n'))
  }

  loop(name: string, state: object): string {
    return this.write(name, JSON.stringify(state, null, 2))
  }

  readonly remove = async (): Promise<void> => rmSync(this.path, { recursive: true, force: true })
}

export interface Call {
  id?: string
  sessionId?: string
  name?: string
  input?: unknown
  timestamp?: string
}

/** A line of a transcript with one call of a tool. */
export function callLine({ id = 'call-1', sessionId = 's1', name = 'Bash', input = {}, timestamp }: Call = {}): string {
  const content = [{ type: 'tool_use', id, name, input }]
  const record = {
    type: 'assistant',
    sessionId,
    timestamp: timestamp ?? '2026-01-05T09:00:00.500Z',
    message: { content },
  }
  return `${JSON.stringify(record)}\n`
}

export function resultLine(id: string, { isError = false, content = 'done', sessionId = 's1' } = {}): string {
  const result = { type: 'tool_result', tool_use_id: id, is_error: isError, content }
  return `${JSON.stringify({ type: 'user', sessionId, message: { content: [result] } })}\n`
}

export const callLines = (from: number, to: number, call: Call = {}): string =>
  Array.from({ length: to - from + 1 }, (_, index) => callLine({ ...call, id: `call-${from + index}` })).join('')
