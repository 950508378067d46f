import { basename, dirname, join } from 'node:path'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  Surroundings,
  TranscriptReader,
  TranscriptSource,
} from '../../../domain/transcripts/transcript-reader.js'
import { isDatabase } from '../agent-database.js'
import { optionalText } from '../event-text.js'
import { plainBytes } from '../file-bytes.js'
import { firstRecords } from '../first-records.js'
import { isObject } from '../json-line.js'
import { readLines } from '../line-records.js'
import { filesAt, foldersFrom, isFile, isFolder, sourcesOf } from '../session-files.js'
import { chatLines, isChatRecord } from './grok-chat.js'
import { isSessionDatabase, readDatabase } from './grok-database.js'
import { readFolder, readSummary } from './grok-folder.js'

const folderFiles = new Set(['chat_history.jsonl', 'updates.jsonl', 'events.jsonl', 'summary.json'])
const telling = ['chat_history.jsonl', 'updates.jsonl']

/** Grok: Grok Build's folders `<home>/sessions/<folder>/<session>/`, and the database of superagent's Grok CLI. */
export class GrokReader implements TranscriptReader {
  readonly flavor = 'grok'

  async *discover({ home, environment, paths, known }: Surroundings): AsyncGenerator<TranscriptSource> {
    const homes = foldersFrom(environment.GROK_HOME, [join(home, '.grok')])
    const places = paths ?? homes.flatMap((folder) => [join(folder, 'sessions'), join(folder, 'grok.db')])
    const sessions = onceEach(filesAt(places, isSessionFile))
    yield* sourcesOf(this.flavor, sessions, (path) => this.identify(path), known)
  }

  async identify(path: string): Promise<TranscriptSource | undefined> {
    if (await isFolder(path)) return folderSource(path)
    const name = basename(path)
    if (folderFiles.has(name)) return folderSource(dirname(path))
    if (name.endsWith('.jsonl')) return linesSource(path)
    return name.endsWith('.db') ? databaseSource(path) : undefined
  }

  read(source: TranscriptSource, cursor?: ReadCursor, options?: ReadOptions): AsyncIterable<ReadBatch> {
    if (source.form === 'folder') return readFolder(source, cursor, options)
    if (source.form === 'database') return readDatabase(source.path, cursor)
    return readLines(plainBytes(source.path), chatLines(source.sessionId, 0), cursor, options)
  }
}

/** A folder for its files. */
async function* onceEach(paths: AsyncIterable<string>): AsyncGenerator<string> {
  const seen = new Set<string>()
  for await (const path of paths) {
    const session = folderFiles.has(basename(path)) ? dirname(path) : path
    if (!seen.has(session)) yield session
    seen.add(session)
  }
}

const isSessionFile = (name: string) => folderFiles.has(name) || name === 'grok.db'

async function folderSource(path: string): Promise<TranscriptSource | undefined> {
  const present = await Promise.all(telling.map((name) => isFile(join(path, name))))
  if (!present.includes(true)) return undefined
  const { info } = await readSummary(path)
  const sessionId = (isObject(info) && optionalText(info.id)) || basename(path)
  return { flavor: 'grok', id: path, path, form: 'folder', sessionId }
}

/** A chat history that was taken out of its folder. */
async function linesSource(path: string): Promise<TranscriptSource | undefined> {
  const records = await firstRecords(plainBytes(path))
  if (records.length === 0 || !records.every((record) => typeof record.type === 'string' && isChatRecord(record))) {
    return undefined
  }
  return { flavor: 'grok', id: path, path, form: 'lines', sessionId: basename(path, '.jsonl') }
}

async function databaseSource(path: string): Promise<TranscriptSource | undefined> {
  if (!(await isDatabase(path)) || !isSessionDatabase(path)) return undefined
  return { flavor: 'grok', id: path, path, form: 'database', sessionId: 'grok.db' }
}
