import { plainText } from './event-text.js'
import { isObject, type JsonRecord, parseObject } from './json-line.js'

const statusAhead =
  /^(?:Exit code: |(?:(?:Chunk ID|Wall time|Original token count)\b[^\n]{0,80}\n){0,4}Process exited with code |failed in sandbox [^\n]{0,120}?exit code: )(-?\d{1,9})\b/

export interface ToolOutput {
  text: string
  /** The exit status that a shell tool wrote at the head of it, or in the JSON around it. */
  status: number | undefined
}

/** The output itself, of one that came as JSON with its exit status. */
export function toolOutput(written: string): ToolOutput {
  const { output, metadata }: JsonRecord = (/^\s*\{/.test(written) && parseObject(written)) || {}
  const isWrapped = typeof output === 'string' && /^\s*\{"output":/.test(written)
  const inJson = isObject(metadata) && typeof metadata.exit_code === 'number' ? metadata.exit_code : undefined
  return { text: isWrapped ? plainText(output) : written, status: inJson ?? statusIn(written) }
}

function statusIn(output: string): number | undefined {
  const match = statusAhead.exec(output.slice(0, 600))
  return match ? Number(match[1]) : undefined
}
