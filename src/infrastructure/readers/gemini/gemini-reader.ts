import { basename, extname, join } from 'node:path'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  Surroundings,
  TranscriptReader,
  TranscriptSource,
} from '../../../domain/transcripts/transcript-reader.js'
import { firstBytes, plainBytes } from '../file-bytes.js'
import { readLines } from '../line-records.js'
import { distinctFolders, filesAt, foldersFrom, sourcesOf } from '../session-files.js'
import { readDocument } from './gemini-document.js'
import { geminiLines } from './gemini-records.js'

const headBytes = 4096
const named = (name: string) => new RegExp(`"${name}"\\s*:\\s*"((?:[^"\\\\]|\\\\.){1,500})"`)
const [sessionName, projectName] = [named('sessionId'), named('projectHash')]

/** Gemini CLI: `<home>/.gemini/tmp/<project>/chats/session-*.jsonl`, one `.json` document before version 0.40. */
export class GeminiReader implements TranscriptReader {
  readonly flavor = 'gemini'

  async *discover({ home, environment, paths, known }: Surroundings): AsyncGenerator<TranscriptSource> {
    const homes = foldersFrom(environment.GEMINI_CLI_HOME, [home])
    const places = paths ?? (await distinctFolders(homes.map((folder) => join(folder, '.gemini', 'tmp'))))
    yield* sourcesOf(this.flavor, filesAt(places, isSessionFile), (path) => this.identify(path), known)
  }

  async identify(path: string): Promise<TranscriptSource | undefined> {
    const kind = extname(path)
    if (kind !== '.json' && kind !== '.jsonl') return undefined
    const head = (await firstBytes(plainBytes(path), headBytes)).toString('utf8')
    const sessionId = sessionName.exec(head)?.[1]
    if (!sessionId || !projectName.test(head)) return undefined
    return { flavor: this.flavor, id: path, path, form: kind === '.json' ? 'document' : 'lines', sessionId }
  }

  read(source: TranscriptSource, cursor?: ReadCursor, options?: ReadOptions): AsyncIterable<ReadBatch> {
    const { form, path, sessionId } = source
    if (form === 'document') return readDocument(path, sessionId, cursor, options)
    return readLines(plainBytes(path), geminiLines(sessionId), cursor, options)
  }
}

const isSessionFile = (name: string) => /^session-.*\.jsonl?$/.test(basename(name))
