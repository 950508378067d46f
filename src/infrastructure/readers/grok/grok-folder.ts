import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryName } from '../../../domain/transcripts/repository-name.js'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  SessionFacts,
  TranscriptRecord,
  TranscriptSource,
} from '../../../domain/transcripts/transcript-reader.js'
import { withoutUndefined } from '../draft-events.js'
import { isoTime, optionalText, plainText, tokenCount } from '../event-text.js'
import { plainBytes } from '../file-bytes.js'
import { isObject, type JsonRecord } from '../json-line.js'
import { countsOf, isRewritten, type LineFlavor, readLines } from '../line-records.js'
import { isFile } from '../session-files.js'
import { chatLines } from './grok-chat.js'
import { outcomeLines } from './grok-outcomes.js'
import { streamLines } from './grok-stream.js'
import { updateLines } from './grok-updates.js'

interface FolderState {
  /** How far each file was read. */
  files: { [name: string]: ReadCursor }
  /** There is a chat history: the updates only add to it. */
  hasChat: boolean
  /** Hash of the facts that were told last. */
  told: string
}

const chatFile = 'chat_history.jsonl'
const maxSummaryBytes = 1024 * 1024

/** One session of Grok Build: a folder of files that tell of it together, each read from a cursor of its own. */
export async function* readFolder(
  source: TranscriptSource,
  cursor?: ReadCursor,
  options?: ReadOptions,
): AsyncGenerator<ReadBatch> {
  const hasChat = await isFile(join(source.path, chatFile))
  const state = cursor ? structuredClone(cursor.state as FolderState) : { files: {}, hasChat, told: '' }
  if ((hasChat && !state.hasChat) || (await hasRewritten(source.path, state, options?.comparesAll))) {
    return yield { records: [], cursor: cursorOf({ files: {}, hasChat, told: '' }), isRewritten: true }
  }
  const summary = await readSummary(source.path)
  const records = tellFacts(summary, source, state)
  yield { records, cursor: cursorOf(state) }
  for (const [name, flavor] of filesOf(source, state, tokenCount(summary.inherited_prefix_len))) {
    const path = join(source.path, name)
    if (!(await isFile(path))) continue
    const once = { ...options, comparesAll: false }
    for await (const batch of readLines(plainBytes(path), flavor, state.files[name], once)) {
      state.files[name] = batch.cursor
      const placed = batch.records.map((record) => ({ ...record, place: { ...record.place, file: name } }))
      yield { ...batch, records: placed, cursor: cursorOf(state) }
    }
  }
}

type NamedFlavor = [name: string, flavor: LineFlavor<unknown>]

function filesOf({ sessionId }: TranscriptSource, { hasChat }: FolderState, inherited: number): NamedFlavor[] {
  const updates = hasChat ? updateLines(sessionId) : streamLines(sessionId)
  return [
    [chatFile, chatLines(sessionId, inherited) as LineFlavor<unknown>],
    ['updates.jsonl', updates as LineFlavor<unknown>],
    ['events.jsonl', outcomeLines(sessionId) as LineFlavor<unknown>],
  ]
}

async function hasRewritten(folder: string, { files }: FolderState, comparesAll?: boolean): Promise<boolean> {
  for (const [name, cursor] of Object.entries(files)) {
    const path = join(folder, name)
    if ((await isFile(path)) && (await isRewritten(plainBytes(path), cursor, comparesAll))) return true
  }
  return false
}

function cursorOf(state: FolderState): ReadCursor {
  const cursors = Object.values(state.files)
  const sum = (of: (cursor: ReadCursor) => number) => cursors.reduce((total, each) => total + of(each), 0)
  const hash = createHash('sha256')
  for (const { prefixHash, blocksHash = '' } of cursors) hash.update(`${prefixHash} ${blocksHash} `)
  return {
    byteOffset: sum(({ byteOffset }) => byteOffset),
    lineCount: sum(({ lineCount }) => lineCount),
    prefixHash: hash.digest('hex'),
    state: structuredClone(state),
  }
}

/** `summary.json`, rewritten as the session goes on; nothing when it is not there, or half written. */
export async function readSummary(folder: string): Promise<JsonRecord> {
  try {
    const file = await open(join(folder, 'summary.json'))
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxSummaryBytes), 0, maxSummaryBytes, 0)
      const summary: unknown = JSON.parse(buffer.toString('utf8', 0, bytesRead))
      return isObject(summary) ? summary : {}
    } finally {
      await file.close()
    }
  } catch {
    return {}
  }
}

function tellFacts(summary: JsonRecord, { sessionId }: TranscriptSource, state: FolderState): TranscriptRecord[] {
  const session = factsOf(summary)
  const told = createHash('sha256').update(JSON.stringify(session)).digest('hex').slice(0, 16)
  if (told === state.told || Object.keys(session).length === 0) return []
  state.told = told
  const place = { byteOffset: 0, line: 0, file: 'summary.json' }
  return [{ place, sourceKey: `summary:${told}`, sessionId, events: [], session, counts: countsOf({}) }]
}

function factsOf(summary: JsonRecord): SessionFacts {
  const info = isObject(summary.info) ? summary.info : {}
  const title = optionalText(summary.generated_title) ?? optionalText(summary.session_summary)
  return withoutUndefined({
    startedAt: isoTime(summary.created_at),
    cwd: optionalText(info.cwd),
    gitBranch: optionalText(summary.head_branch),
    repository: remoteOf(summary.git_remotes),
    gitRoot: optionalText(summary.git_root_dir),
    model: optionalText(summary.current_model_id) ?? optionalText(info.model),
    title: title ? { text: title, rank: summary.title_is_manual === true ? 3 : 2 } : undefined,
    parentSessionId: optionalText(summary.parent_session_id),
  })
}

/** A list of addresses, or of remotes with their addresses, or addresses by name; of several the first that is one. */
function remoteOf(remotes: unknown): string | undefined {
  const told = typeof remotes === 'string' ? [remotes] : Object.values(isObject(remotes) ? remotes : {})
  const addresses = (Array.isArray(remotes) ? remotes : told).map((each) => plainText(isObject(each) ? each.url : each))
  return addresses.map(repositoryName).find((name) => name !== undefined)
}
