import { toJsonText } from './canonical-json.js'

/**
 * Bytes of what a call gave back: of its texts, and of what is no text, such as an image, as JSON.
 *
 * @throws {InvalidInputError} it is nested too deep
 */
export function resultSizeOf(content: unknown): number {
  if (content === undefined || content === null) return 0
  if (typeof content === 'string') return Buffer.byteLength(content)
  if (!Array.isArray(content)) return Buffer.byteLength(toJsonText(content, 'content'))
  return content.reduce<number>((sum, block) => sum + Buffer.byteLength(textIn(block)), 0)
}

function textIn(block: unknown): string {
  const isText = typeof block === 'object' && block !== null && 'text' in block && typeof block.text === 'string'
  return isText ? String(block.text) : toJsonText(block, 'content')
}
