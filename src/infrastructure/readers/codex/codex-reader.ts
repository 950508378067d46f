import { basename, join } from 'node:path'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  Surroundings,
  TranscriptReader,
  TranscriptSource,
} from '../../../domain/transcripts/transcript-reader.js'
import { type FileBytes, plainBytes, zstdBytes } from '../file-bytes.js'
import { firstRecords } from '../first-records.js'
import { readLines } from '../line-records.js'
import { distinctFolders, filesAt, foldersFrom, isFile, sourcesOf } from '../session-files.js'
import { codexLines, codexSessionId, isCodexRecord } from './codex-records.js'

const compressed = '.zst'
const rolloutId = /^rollout-.*-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/
const homes = ['.codex', join('Library', 'Developer', 'Xcode', 'CodingAssistant', 'codex'), join('.trae', 'cli')]

/** Codex: `<home>/sessions/<date>/rollout-*.jsonl`, compressed to `.jsonl.zst` after a week, and `archived_sessions`. */
export class CodexReader implements TranscriptReader {
  readonly flavor = 'codex'

  async *discover({ home, environment, paths, known }: Surroundings): AsyncGenerator<TranscriptSource> {
    const byDefault = homes.map((folder) => join(home, folder))
    const roots = foldersFrom(environment.CODEX_HOME, byDefault)
    const folders = ['sessions', 'archived_sessions'].flatMap((name) => roots.map((root) => join(root, name)))
    const places = paths ?? (await distinctFolders(folders))
    const files = paths ? filesAt(places, isSessionFile) : onceEach(filesAt(places, isRollout))
    yield* sourcesOf(this.flavor, files, (path) => this.identify(path), known)
  }

  async identify(path: string): Promise<TranscriptSource | undefined> {
    if (!isSessionFile(basename(path))) return undefined
    const records = await firstRecords(bytesOf(path))
    const isPrinted = records.some(({ type }) => type === 'thread.started' || type === 'turn.started')
    const id = withoutCompression(path)
    const namedId = rolloutId.exec(basename(id))?.[1]
    // No other agent names its files so, and one that is damaged, or empty yet, may have nothing else to be known by.
    const isCodex = namedId !== undefined || records.some(isCodexRecord)
    if (!isPrinted && !isCodex) return undefined
    const sessionId = codexSessionId(records) ?? namedId ?? basename(id, '.jsonl')
    const form = path.endsWith(compressed) ? 'compressed-lines' : 'lines'
    const source: TranscriptSource = { flavor: this.flavor, id, path, form, sessionId }
    return isPrinted ? { ...source, refusal: 'is what `codex exec --json` prints' } : source
  }

  pathsOf({ id }: TranscriptSource): string[] {
    return [id, id + compressed]
  }

  async *read(source: TranscriptSource, cursor?: ReadCursor, options?: ReadOptions): AsyncGenerator<ReadBatch> {
    const path = await presentForm(source.path)
    yield* readLines(bytesOf(path), codexLines(source.sessionId), cursor, options)
  }
}

const isRollout = (name: string) => name.startsWith('rollout-') && isSessionFile(name)

function isSessionFile(name: string): boolean {
  const plain = withoutCompression(name)
  return plain.endsWith('.jsonl') && !/^(history|session_index|chat_history|updates|events)\.jsonl$/.test(plain)
}

function withoutCompression(path: string): string {
  return path.endsWith(compressed) ? path.slice(0, -compressed.length) : path
}

function bytesOf(path: string): FileBytes {
  return path.endsWith(compressed) ? zstdBytes(path) : plainBytes(path)
}

/** The agent may have compressed the file, or unpacked it, since it was found. */
async function presentForm(path: string): Promise<string> {
  if (await isFile(path)) return path
  const other = path.endsWith(compressed) ? withoutCompression(path) : path + compressed
  return (await isFile(other)) ? other : path
}

/** A rollout that lies in several places, or in both forms, is given once: active before archived, plain before compressed. */
async function* onceEach(paths: AsyncIterable<string>): AsyncGenerator<string> {
  const seen = new Set<string>()
  for await (const path of paths) {
    const name = withoutCompression(basename(path))
    if (seen.has(name)) continue
    seen.add(name)
    yield path
  }
}
