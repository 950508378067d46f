import type { Digest } from '../../../domain/transcripts/digest.js'
import type { Database } from '../database.js'
import { errorsOf } from './error-rows.js'
import { inChunks, marks } from './saving.js'

interface KeptRow {
  id: string
  digest: string
  evicted_digest: string | null
}

/** The digests that knew texts which are gone: as they were then, or, as long as none was made since, as they are. */
export async function evictedDigests(database: Database, ids: string[]): Promise<Map<string, Digest>> {
  const rows = await inChunks(ids, (chunk) =>
    database.query<KeptRow>(
      `select id, digest, evicted_digest from ${database.tables.transcripts}
       where id in (${marks(chunk)}) and has_evicted = 1 and digest is not null`,
      chunk,
    ),
  )
  const digests = new Map<string, Digest>()
  for (const { id, digest, evicted_digest } of rows) {
    if (evicted_digest !== null) digests.set(id, JSON.parse(evicted_digest) as Digest)
    else digests.set(id, { ...(JSON.parse(digest) as Omit<Digest, 'errors'>), errors: await errorsOf(database, id) })
  }
  return digests
}
