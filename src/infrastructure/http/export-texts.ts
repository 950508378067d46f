import type { SessionService } from '../../domain/sessions/session-service.js'

export type ExportForm = 'json' | 'jsonl' | 'markdown'

/** A session in one of its forms, piece by piece. */
export function exportTexts(sessions: SessionService, id: string, form: ExportForm): AsyncGenerator<string> {
  return form === 'json' ? asDocument(sessions.exportLines(id, 'jsonl')) : linesOf(sessions.exportLines(id, form))
}

async function* linesOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield* lines
}

/**
 * The one document from the lines of the other form, which hold the same values in the same order:
 * each is cut out as it stands, so that the document is never whole in memory.
 */
async function* asDocument(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let previous = ''
  for await (const line of lines) {
    const [, key = '', value = ''] = /^\{"(format|message|usage|footer)":(.*)\}\n?$/s.exec(line) ?? []
    yield joint(previous, key) + piece(key, value, line)
    previous = key
  }
}

/** What stands between two lines' values. */
function joint(previous: string, key: string): string {
  if (key === previous) return ','
  if (key === 'usage') return '],"usage":['
  if (key === 'footer') return previous === 'usage' ? ']' : '],"usage":[]'
  return ''
}

function piece(key: string, value: string, line: string): string {
  if (key === 'format') return head(line)
  if (key === 'footer') return `,"checksum":${checksumOf(value)}}\n`
  return value
}

function head(line: string): string {
  const { format, version, session } = JSON.parse(line) as Record<string, unknown>
  return `${JSON.stringify({ format, version, session }).slice(0, -1)},"messages":[`
}

const checksumOf = (footer: string) => JSON.stringify((JSON.parse(footer) as { checksum: string }).checksum)
