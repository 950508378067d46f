import type { DraftEvent, EventAmendment } from './transcript-event.js'

/** Where a reader looks: handed in, never taken from the process. */
export interface Surroundings {
  /** The user's home folder. */
  home: string
  /**
   * Environment variables: `CLAUDE_CONFIG_DIR`, `CODEX_HOME`, `GROK_HOME`, `GEMINI_CLI_HOME`, `XDG_DATA_HOME`,
   * `OPENCODE_DB`.
   */
  environment: Readonly<Record<string, string | undefined>>
  /** Files and folders to look at in place of the agent's own. */
  paths?: readonly string[]
  /** The sources at those of the paths that are as they were when they were read: they are not opened to see whose they are. */
  known?(paths: readonly string[]): Promise<SourcesByPath>
}

/** Mostly one at a path, of whatever flavor. */
export type SourcesByPath = ReadonlyMap<string, readonly TranscriptSource[]>

/** Calls back when something in a folder may have changed, until it is stopped; undefined where nothing would tell. */
export type FolderWatch = (folder: string, onChange: () => void) => FolderListener | undefined

export interface FolderListener {
  /** False once it has ended by itself, or when another folder, or none, is where its own was. */
  isLive(): Promise<boolean>
  stop(): void
}

export const sourceForms = ['lines', 'compressed-lines', 'document', 'folder', 'database'] as const
export type SourceForm = (typeof sourceForms)[number]

/** One file, or one folder of files, that holds a transcript, or several, or a part of one. */
export interface TranscriptSource {
  flavor: string
  /** Stays the same when the agent compresses the file: what cursors are kept by. */
  id: string
  path: string
  form: SourceForm
  /** The session of records that name none. */
  sessionId: string
  /** Recognised, and no transcript: why it is not read. */
  refusal?: string
  /** Refused, but understood: read where a caller names the very file. */
  isReadIfNamed?: boolean
  /** It could not be looked at, which may be over the next time: why. Nothing is known of it, and nothing kept. */
  failure?: string
}

/** How far a source was read. Plain JSON; opaque but to the reader that made it. */
export interface ReadCursor {
  byteOffset: number
  lineCount: number
  /** Over the beginning of the source and the bytes before `byteOffset`: tells when they were rewritten. */
  prefixHash: string
  /** Over what is in between, where it is left out of the other. */
  blocksHash?: string
  /** What the reader must remember of what it read. */
  state: unknown
}

/** Each is a finite integer, not negative. */
export interface TokenCounts {
  /** Neither read from nor written to the cache. */
  inputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  /** Reasoning included. */
  outputTokens: number
}

/**
 * What one response cost. Several usages may tell of one response, in one file or in several; with one
 * `key` only the one with the greatest `weight` counts (compared from the left; equal ones are equal).
 */
export interface ResponseUsage {
  /** Of the response, across all files and sessions: counted once, for the session that began first. */
  key: string
  weight: number[]
  tokens: TokenCounts
  model?: string
  at: string | null
  /** The message that it belongs to: `messageKey` of its events. */
  messageKey?: string
  /** Of the usages with this `messageKey`, a replay counts only where all are replays. */
  isReplay?: boolean
  /** Of the usages with one `of`, only those with the highest rank that occurs count. */
  voice?: { of: string; rank: number }
}

/**
 * What a record tells of its session. Merged field by field: of `startedAt` the earliest, of `title` the
 * highest rank, then the latest record, of all others the latest record, by time, then by place.
 */
export interface SessionFacts {
  startedAt?: string
  cwd?: string
  gitBranch?: string
  /** The repository that it worked in, as `host/owner/name`. */
  repository?: string
  /** The root folder of that repository. */
  gitRoot?: string
  model?: string
  agentVersion?: string
  /** Rank 3: given by a person, 2: by the agent, 1: a summary of it. */
  title?: { text: string; rank: number }
  /** Session that started this one, or that it goes on from. */
  parentSessionId?: string
  /** What it was about: the address of a pull request. */
  taskRef?: string
}

/** Sums over the records of a source; `records` and `malformedLines` of one record may correct those before it. */
export interface RecordCounts {
  /** Whole lines that are one JSON object. */
  records: number
  /** Lines that are not, blank ones aside. What could be saved from them is read and in `recovered`. */
  malformedLines: number
  recovered: number
  unknownTypes: number
  /** Lines over the cap, left out, and their size. */
  oversizedLines: number
  oversizedBytes: number
}

/**
 * What one line tells, or one row. Every fact of a transcript follows from the set of its records,
 * whatever the order in which its files are read. Records with the same session and `sourceKey`, and events
 * with the same session and `key`, are one, the later in its file; usages and facts are chosen by a maximum;
 * counts are sums over a source's records.
 */
export interface TranscriptRecord {
  /** Orders the records of a source, within `file` if it is a folder; `byteOffset` is where the line begins. */
  place: { byteOffset: number; line: number; file?: string }
  /** The record's own identity within its session; else the hash of its text and its offset. */
  sourceKey: string
  /** The agent's own id of the session. */
  sessionId: string
  events: DraftEvent[]
  usage?: ResponseUsage
  session?: SessionFacts
  amendments?: EventAmendment[]
  /** The turn that it belongs to, by the agent's id. */
  turnId?: string
  /**
   * It stands after history copied from this session, and may itself be copied. Own records begin at the
   * first one of the source whose `turnId` no record of that session has; without that session in the
   * store, or without any `turnId`, all count, and the tokens are uncertain.
   */
  copiedFrom?: string
  /** Copied from the session before, here or not: what it tells was already counted there. */
  isInherited?: boolean
  counts: RecordCounts
}

/** The part of a source between two cursors. */
export interface ReadBatch {
  records: TranscriptRecord[]
  /** Where to go on: keep it in the transaction that keeps the records. */
  cursor: ReadCursor
  /** The last line of a file, not ended and not whole: the cursor stays before it. While it is there it counts as malformed. */
  pending?: { byteOffset: number; bytes: number }
  /** What was read before `cursor` has changed: nothing was read; begin a new generation without a cursor. */
  isRewritten?: boolean
}

export interface ReadOptions {
  /** Longer lines are counted and left out. Defaults to 16 MiB. */
  maxLineBytes?: number
  /** A batch ends at the line that reaches this many bytes. Defaults to 1 MiB. */
  batchBytes?: number
  /** All that was read before the cursor is read again, to see whether it is as it was; its ends always are. */
  comparesAll?: boolean
}

/**
 * Knows the session files of one coding agent. Memory is bounded by the longest line that is read and by
 * the size of a batch. Nothing in a file is fatal; only a file that cannot be opened or read is.
 */
export interface TranscriptReader {
  readonly flavor: string
  /** Every source that the agent left, or those at `paths`; follows no links. */
  discover(surroundings: Surroundings): AsyncIterable<TranscriptSource>
  /** The source at a path; undefined when it is not of this flavor. */
  identify(path: string): Promise<TranscriptSource | undefined>
  /** Where a source may lie, since the agent may have given it another form; at its path unless told. */
  pathsOf?(source: TranscriptSource): string[]
  /** From the cursor, or the beginning, to the end. Gives at least one batch. */
  read(source: TranscriptSource, cursor?: ReadCursor, options?: ReadOptions): AsyncIterable<ReadBatch>
}
