import type { FoundSource } from '../search-entries.js'
import { readBodies } from './bodies.js'
import { marks } from './saving.js'
import { digestsOf, eventText } from './transcript-entries.js'

interface EventRow {
  id: string
  uid: string
  native_id: string
  seq: number
  tool: string | null
  body: string | null
}

/** Events of transcripts: the anchor says which one of which transcript. */
export const foundTranscriptEvents: FoundSource = {
  kind: 'transcript',
  owner: 'transcript_event',
  async load(database, ids) {
    const { transcriptEvents, transcripts } = database.tables
    const rows = await database.query<EventRow>(
      `select e.id, t.uid, t.native_id, e.seq, e.tool, e.body
       from ${transcriptEvents} e join ${transcripts} t on t.id = e.transcript_id
       where e.id in (${marks(ids)}) and e.seq is not null`,
      ids,
    )
    return rows.map(({ id, uid, native_id, seq, tool, body }) => {
      const text = body === null ? undefined : eventText(tool, body)
      return { id, ref: id, anchor: `${uid}#${seq}`, sessionId: native_id, text }
    })
  },
  async text(database, namespace, ref) {
    const [row] = await database.query<Pick<EventRow, 'tool' | 'body'> & { body_hash: string | null }>(
      `select tool, body, body_hash from ${database.tables.transcriptEvents} where id = ? and namespace = ?`,
      [ref, namespace],
    )
    if (!row) return ''
    const bodies = await readBodies(database, namespace, row.body_hash === null ? [] : [row.body_hash])
    return eventText(row.tool, row.body ?? bodies.get(row.body_hash ?? '') ?? '')
  },
}

/** Digests: the uid is all that a reader needs. */
export const foundDigests: FoundSource = {
  kind: 'digest',
  owner: 'transcript',
  async load(database, ids) {
    const digests = await digestsOf(database, ids)
    return digests.map(({ id, uid, native_id, text }) => ({ id, ref: uid, anchor: uid, sessionId: native_id, text }))
  },
  async text(database, namespace, ref) {
    const [row] = await database.query<{ id: string }>(
      `select id from ${database.tables.transcripts} where namespace = ? and uid = ?`,
      [namespace, ref],
    )
    const [digest] = row ? await digestsOf(database, [row.id]) : []
    return digest?.text ?? ''
  },
}
