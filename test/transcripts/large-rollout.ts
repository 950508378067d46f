import { closeSync, openSync, writeSync } from 'node:fs'

export interface RolloutSize {
  /** Of the whole file, nearly. */
  bytes: number
  /** Of one line in its middle. */
  longLine: number
}

/** What a file holds that `writeRollout` wrote. */
export interface WrittenRollout {
  records: number
  toolResults: number
  userPrompts: number
  outputTokens: number
  longLine: number
}

const at = (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 100).toISOString()
const line = (index: number, type: string, payload: object) =>
  Buffer.from(`${JSON.stringify({ timestamp: at(index), type, payload })}\n`)
const words = 'error in module path returned value expected index while reading page of orders from store'.split(' ')

/** Outputs of tools of up to 16 kB, a prompt before every fifty of them, and one line that no reader holds. */
export function writeRollout(path: string, id: string, { bytes, longLine }: RolloutSize): WrittenRollout {
  const file = openSync(path, 'w')
  const told = { records: 0, toolResults: 0, userPrompts: 0, outputTokens: 0, longLine: 0 }
  let length = 0
  const write = (piece: Buffer) => {
    writeSync(file, piece)
    length += piece.length
  }
  const add = (type: string, payload: object) => write(line(told.records++, type, payload))
  try {
    add('session_meta', { id, cwd: '/home/ann/shop' })
    while (length < bytes) {
      if (length > bytes / 3 && told.longLine === 0) told.longLine = writeLong(write, longLine)
      if (told.toolResults % 50 === 0) addPrompt(add, told)
      const call_id = `call-${++told.toolResults}`
      const output = textOf(told.toolResults, 400 + ((told.toolResults * 7_919) % 16_000))
      add('response_item', { type: 'function_call_output', call_id, output })
    }
  } finally {
    closeSync(file)
  }
  return told
}

function addPrompt(add: (type: string, payload: object) => void, told: WrittenRollout): void {
  told.userPrompts++
  told.outputTokens += 7
  add('response_item', {
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: `Go on ${told.userPrompts}` }],
  })
  const info = { total_token_usage: { input_tokens: told.outputTokens, output_tokens: told.outputTokens } }
  add('event_msg', { type: 'token_count', info })
}

function writeLong(write: (piece: Buffer) => void, bytes: number): number {
  const [head, tail] = [Buffer.from('{"type":"response_item","payload":{"text":"'), Buffer.from('"}}')]
  const filler = Buffer.alloc(1024 * 1024, 'x')
  let left = bytes - head.length - tail.length
  write(head)
  for (; left > 0; left -= filler.length) write(filler.subarray(0, left))
  write(tail)
  write(Buffer.from('\n'))
  return bytes
}

/** No two are alike, and none is all one letter. */
function textOf(index: number, length: number): string {
  let text = `result ${index}\n`
  for (let word = index; text.length < length; word = (word * 31 + 7) % 10_007)
    text += `${words[word % words.length]} ${word}\n`
  return text.slice(0, length)
}
