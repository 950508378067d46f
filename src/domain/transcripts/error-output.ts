const end = 65_536
const maxLines = 2000

/** What a tool wrote, without its wrapping. */
export interface ErrorOutput {
  lines: string[]
  /** As the wrapping gave it. */
  exitCode?: number
}

/** The body of a failed result as bare lines: of a long one the first and last 64 Ki characters, and 2,000 lines of each. */
export function errorOutput(body: string): ErrorOutput {
  const text = unescaped(unwrapped(bothEnds(body).toWellFormed().normalize('NFC')))
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/)
  const kept = lines.length <= 2 * maxLines ? lines : [...lines.slice(0, maxLines), ...lines.slice(-maxLines)]
  const bare = kept.map(withoutBox)
  const codes = bare.map((line) => exitHeader.exec(line)?.groups?.code).filter((code) => code !== undefined)
  const exitCode = codes.length ? Number(codes[0]) : undefined
  return { lines: bare.filter((line) => !harnessHeader.test(line)), exitCode }
}

const bothEnds = (body: string): string =>
  body.length <= 2 * end ? body : `${body.slice(0, end)}\n${body.slice(-end)}`

const speakingFields = ['stderr', 'error', 'output', 'message', 'detail', 'content', 'stdout']

/** Some harnesses hand the output over inside JSON, often with the exit code beside it. */
function unwrapped(text: string): string {
  if (!/^\s{0,80}\{/.test(text)) return text
  try {
    const { metadata, exit_code: code, ...fields } = JSON.parse(text) as Record<string, unknown>
    const said = speakingFields.map((name) => messageOf(fields[name])).find((each) => each?.trim())
    const exit = code ?? (metadata as { exit_code?: unknown } | undefined)?.exit_code
    if (said === undefined && !('output' in fields)) return text
    return `${typeof exit === 'number' ? `Exit code: ${exit}\n` : ''}${said ?? ''}`
  } catch {
    return text
  }
}

function messageOf(field: unknown): string | undefined {
  if (typeof field === 'string') return field
  const message = (field as { message?: unknown } | null | undefined)?.message
  return typeof message === 'string' ? message : undefined
}

// oxlint-disable-next-line no-control-regex
const escapes = /\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?|[()][A-Z0-9]|[=>78cMDE])/g
// oxlint-disable-next-line no-control-regex
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g
const tags = /<\/?(?:tool_use_error|error|stderr|stdout|output|bash-std(?:err|out)|local-command-std(?:err|out))>/g

function unescaped(text: string): string {
  const plain = text.replace(escapes, '').replace(controls, '').replace(tags, '\n')
  const straight = plain.replace(/[‘’‚‛]/g, "'").replace(/[“”„«»]/g, '"')
  // Of GNU tools in the C locale: `name'.
  return straight.replace(/(?<![\w`])`([^`'\s][^`'\n]{0,200})'/g, "'$1'")
}

const withoutBox = (line: string): string =>
  /[\u2500-\u259f]/.test(line) ? line.replace(/^[\s\u2500-\u259f]{0,400}|[\u2500-\u259f]{1,400}/g, ' ').trim() : line

const exitHeader =
  /^\s{0,8}(?:(?:Command )?(?:failed|exited) with (?:exit )?code|Exit code|Process exited with code|exit status):?\s(?<code>-?\d{1,10})\.?$/i
const harnessHeader =
  /^\s{0,8}(?:(?:(?:Command |Process )?(?:failed|exited) with (?:exit )?code|Exit code|exit status|Process exited with code):?\s-?\d{1,10}\.?|(?:Wall time|Chunk ID|Original token count|Total output lines|Process running with session ID|Duration):?\s.{0,200}|(?:Output|Stderr|Stdout|Error):|(?:={3,200}|-{3,200}|_{3,200}|\*{3,200}))\s{0,8}$/i
