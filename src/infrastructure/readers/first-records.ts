import { type FileBytes, firstBytes } from './file-bytes.js'
import { type JsonRecord, parseLine } from './json-line.js'

/** The second is for files that begin with one long line. */
const headBytes = [64 * 1024, 2 * 1024 * 1024]
const maxRecords = 25

/** The records that a file begins with: enough to tell whose it is. */
export async function firstRecords(bytes: FileBytes): Promise<JsonRecord[]> {
  for (const atMost of headBytes) {
    const records = recordsIn(await firstBytes(bytes, atMost))
    if (records.length > 0) return records
  }
  return []
}

function recordsIn(head: Buffer): JsonRecord[] {
  const found: JsonRecord[] = []
  for (let start = 0; start < head.length && found.length < maxRecords; ) {
    const end = head.indexOf('\n', start)
    const line = head.subarray(start, end === -1 ? undefined : end)
    found.push(...parseLine(line, { isFirst: start === 0, isRecord: () => false }).objects.map(({ value }) => value))
    start = end === -1 ? head.length : end + 1
  }
  return found
}
