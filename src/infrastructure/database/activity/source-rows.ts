import type { RejectedPiece } from '../../../domain/activity/activity-backfill.js'
import { ActivityReject, ActivitySource } from '../../../domain/activity/activity-event.js'

export const sourceColumns =
  'id, namespace, kind, path, path_hash, size, mtime_ms, byte_offset, line_count, prefix_hash, generation, last_error, updated_at'
export const rejectColumns = 'id, namespace, source_id, place, reason, excerpt, created_at'

export interface SourceRow {
  id: string
  namespace: string
  kind: string
  path: string
  path_hash: string
  size: number | string
  mtime_ms: number | string
  byte_offset: number | string
  line_count: number
  prefix_hash: string
  generation: number
  last_error: string | null
  updated_at: number | string
}

export interface RejectRow {
  id: string
  namespace: string
  source_id: string
  place: string
  reason: string
  excerpt: string | null
  created_at: number | string
  source: string
  path: string
}

export function sourceFromRow(row: SourceRow): ActivitySource {
  return Object.assign(new ActivitySource(), {
    id: row.id,
    namespace: row.namespace,
    kind: row.kind,
    path: row.path,
    pathHash: row.path_hash,
    size: Number(row.size),
    mtimeMs: Number(row.mtime_ms),
    byteOffset: Number(row.byte_offset),
    lineCount: row.line_count,
    prefixHash: row.prefix_hash,
    generation: row.generation,
    lastError: row.last_error,
    updatedAt: new Date(Number(row.updated_at)),
  })
}

export function sourceParameters(source: ActivitySource): unknown[] {
  const { id, namespace, kind, path, pathHash, size, mtimeMs, byteOffset } = source
  const { lineCount, prefixHash, generation, lastError, updatedAt } = source
  const place = [id, namespace, kind, path, pathHash]
  return [...place, size, mtimeMs, byteOffset, lineCount, prefixHash, generation, lastError, updatedAt.getTime()]
}

export function rejectFromRow(row: RejectRow): RejectedPiece {
  return Object.assign(new ActivityReject(), {
    id: row.id,
    namespace: row.namespace,
    sourceId: row.source_id,
    place: row.place,
    reason: row.reason,
    excerpt: row.excerpt,
    createdAt: new Date(Number(row.created_at)),
    source: row.source,
    path: row.path,
  })
}
