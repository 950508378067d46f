import { basename, join } from 'node:path'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  Surroundings,
  TranscriptReader,
  TranscriptSource,
} from '../../../domain/transcripts/transcript-reader.js'
import { optionalText } from '../event-text.js'
import { plainBytes } from '../file-bytes.js'
import { firstRecords } from '../first-records.js'
import type { JsonRecord } from '../json-line.js'
import { readLines } from '../line-records.js'
import { distinctFolders, filesAt, foldersFrom, sourcesOf } from '../session-files.js'
import { claudeLines, isClaudeRecord } from './claude-records.js'

const uuidName = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** Codex's: not ours even where a piece of ours was spliced into it. */
const rolloutName = /^rollout-.*-[0-9a-f]{12}\.jsonl$/
const agentName = /^agent-[0-9a-z-]+$/
/** What `claude -p --output-format stream-json` prints, and no session file holds. */
const printed = new Set(['init', 'thinking_tokens', 'task_started', 'task_progress'])

/** Claude Code: `<config>/projects/<folder>/<session>.jsonl`, and its agents' files below and beside. */
export class ClaudeReader implements TranscriptReader {
  readonly flavor = 'claude'

  async *discover({ home, environment, paths, known }: Surroundings): AsyncGenerator<TranscriptSource> {
    const byDefault = [join(home, '.claude'), join(home, '.config', 'claude')]
    const configs = foldersFrom(environment.CLAUDE_CONFIG_DIR, byDefault)
    const places = paths ?? (await distinctFolders(configs.map((folder) => join(folder, 'projects'))))
    yield* sourcesOf(this.flavor, filesAt(places, isSessionFile), (path) => this.identify(path), known)
  }

  async identify(path: string): Promise<TranscriptSource | undefined> {
    if (!path.endsWith('.jsonl') || rolloutName.test(basename(path))) return undefined
    const records = await firstRecords(plainBytes(path))
    if (!areClaudes(records, basename(path, '.jsonl'))) return undefined
    const source = { flavor: this.flavor, id: path, path, form: 'lines', sessionId: homeOf(path, records) } as const
    if (!records.some(isPrinted)) return source
    const refusal = 'is what `claude --output-format stream-json` prints; name the very file to have it read'
    return { ...source, refusal, isReadIfNamed: true }
  }

  read({ path, sessionId }: TranscriptSource, cursor?: ReadCursor, options?: ReadOptions): AsyncIterable<ReadBatch> {
    return readLines(plainBytes(path), claudeLines(sessionId), cursor, options)
  }
}

function isSessionFile(name: string): boolean {
  const stem = basename(name, '.jsonl')
  return name.endsWith('.jsonl') && stem !== 'journal' && stem !== 'history'
}

/**
 * What is said tells most: bookkeeping looks alike among agents that descend from one another. A file that
 * begins with nothing to read, or is empty yet, is known by its name.
 */
function areClaudes(records: JsonRecord[], stem: string): boolean {
  if (records.length === 0) return uuidName.test(stem) || agentName.test(stem)
  const said = records.filter(({ type }) => type === 'user' || type === 'assistant')
  return (said.length > 0 ? said : records).some(isClaudeRecord)
}

function isPrinted({ type, subtype, timestamp }: JsonRecord): boolean {
  return type === 'system' && timestamp === undefined && printed.has(String(subtype))
}

/** The name of the file, as long as it is the agent's; of a renamed one, the session that it speaks of first. */
function homeOf(path: string, records: JsonRecord[]): string {
  const stem = basename(path, '.jsonl')
  const named = records.map(({ sessionId }) => optionalText(sessionId)).find((id) => id !== undefined)
  return uuidName.test(stem) ? stem : (named ?? stem)
}
