import { hash } from 'node:crypto'
import { basename } from 'node:path'
import type { KnownSource, SourceLink, TranscriptBatch } from '../../../domain/transcripts/ingest-repository.js'
import type { KnownFacts } from '../../../domain/transcripts/session-facts.js'
import type { ReadCursor, RecordCounts, TranscriptSource } from '../../../domain/transcripts/transcript-reader.js'

export const sourceColumns =
  'id, namespace, flavor, source_key, source_id, path, path_hash, source_rank, form, session_id, size, mtime_ms, position, generation, is_pending, refusal, last_error, batch_id, updated_at'

export interface SourceRow {
  id: string
  flavor: string
  source_id: string
  path: string
  path_hash: string
  form: TranscriptSource['form']
  session_id: string
  size: number | string
  mtime_ms: number | string
  position: string | null
  generation: number
  is_pending: number
  refusal: string | null
  last_error: string | null
  batch_id: string
}

export const hashOf = (text: string): string => hash('sha256', text)

/** Of sources that tell of one moment the order is that of their names, wherever they lie. */
export const rankOf = ({ id }: TranscriptSource) => hashOf(basename(id)).slice(0, 16) + hashOf(id).slice(0, 16)

export function sourceParameters(
  namespace: string,
  batch: Pick<TranscriptBatch, 'source' | 'names'>,
  now: Date,
): unknown[] {
  const { id, source, size, mtimeMs, cursor, generation, isPending, batchId } = batch.source
  const { names } = batch
  return [
    ...[id, namespace, source.flavor, hashOf(source.id), names.id, names.path, hashOf(source.path), rankOf(source)],
    ...[source.form, names.nativeId, size, mtimeMs, cursor ? JSON.stringify(cursor) : null, generation],
    ...[isPending ? 1 : 0, names.refusal, names.lastError, batchId, now.getTime()],
  ]
}

export function sourceFromRow(row: SourceRow): KnownSource {
  const { flavor, path, form } = row
  const source: TranscriptSource = { flavor, id: row.source_id, path, form, sessionId: row.session_id }
  return {
    id: row.id,
    source: row.refusal === null ? source : { ...source, refusal: row.refusal },
    size: Number(row.size),
    mtimeMs: Number(row.mtime_ms),
    cursor: row.position === null ? undefined : (JSON.parse(row.position) as ReadCursor),
    generation: row.generation,
    isPending: row.is_pending === 1,
    lastError: row.last_error,
    batchId: row.batch_id,
  }
}

/** Named as its working folder is. */
export const projectOf = (cwd: string): string => basename(cwd)

export const linkColumns =
  'source_id, transcript_id, namespace, counts, records_hash, redactions, facts, copied_from_uid'

export interface LinkRow {
  native_id: string
  counts: string
  records_hash: string
  redactions: string
  facts: string
  copied_from_uid: string | null
}

export function linkFromRow(row: LinkRow): SourceLink {
  return {
    nativeId: row.native_id,
    counts: JSON.parse(row.counts) as RecordCounts,
    recordsHash: row.records_hash,
    redactions: JSON.parse(row.redactions) as Record<string, number>,
    facts: JSON.parse(row.facts) as KnownFacts,
    copiedFromUid: row.copied_from_uid,
  }
}

export function linkParameters({ counts, recordsHash, redactions, facts, copiedFromUid }: SourceLink): unknown[] {
  return [JSON.stringify(counts), recordsHash, JSON.stringify(redactions), JSON.stringify(facts), copiedFromUid]
}
