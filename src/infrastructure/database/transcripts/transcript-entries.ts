import type { SearchEntry } from '../../../domain/search-entry.js'
import type { Digest } from '../../../domain/transcripts/digest.js'
import type { Database } from '../database.js'
import type { SearchSource } from '../search-entries.js'
import { readBodies } from './bodies.js'
import { marks } from './saving.js'

/** Where the agent was at work: the project, and the folder that it is named after. */
export interface EntryPlace {
  project: string | null
  cwd: string | null
}

const projectIds = ({ project, cwd }: EntryPlace) => [...new Set([project, cwd])].filter((each) => each !== null)

interface FoundEvent {
  id: string
  nativeId: string
  ts: number | null
  tool: string | null
  body: string
}

/** The number of an event may change: where a reader is sent is read when it is found. */
export function transcriptEventEntry(event: FoundEvent, place: EntryPlace): SearchEntry {
  const { id, nativeId, ts, tool, body } = event
  return {
    kind: 'transcript',
    owner: 'transcript_event',
    ownerId: id,
    anchor: null,
    at: new Date(ts ?? 0),
    text: eventText(tool, body),
    sessionId: nativeId,
    actorName: null,
    projectIds: projectIds(place),
  }
}

/** What search reads of an event. */
export const eventText = (tool: string | null, body: string): string => (tool === null ? body : `${tool} ${body}`)

/** For writing the entries of events anew: of those that are heard, and whose text is there. */
export const transcriptEventSource: SearchSource = {
  owner: 'transcript_event',
  table: 'transcriptEvents',
  kind: "'transcript'",
  bytes: 'body_bytes',
  isFindable: 'o.seq is not null and (o.body is not null or o.body_hash is not null)',
  async read(database, ids) {
    const { transcriptEvents, transcripts } = database.tables
    const rows = await database.query<EventRow>(
      `select id, transcript_id, namespace, ts, tool, body, body_hash from ${transcriptEvents}
       where id in (${marks(ids)}) and seq is not null order by id ${database.dialect.heldRows}`,
      ids,
    )
    const owners = [...new Set(rows.map(({ transcript_id }) => transcript_id))]
    const found = await database.query<EntryPlace & { id: string; native_id: string }>(
      `select id, native_id, project, cwd from ${transcripts} where id in (${marks(owners)})`,
      owners,
    )
    const transcriptOf = new Map(found.map((row) => [row.id, row]))
    const bodies = await bodiesOf(database, rows)
    return rows.flatMap((row) => {
      const transcript = transcriptOf.get(row.transcript_id)
      if (!transcript) return []
      const ts = row.ts === null ? null : Number(row.ts)
      const body = row.body ?? bodies.get(`${row.namespace} ${row.body_hash}`) ?? ''
      const event = { id: row.id, nativeId: transcript.native_id, ts, tool: row.tool, body }
      return [{ ...transcriptEventEntry(event, transcript), namespace: row.namespace }]
    })
  },
}

interface EventRow {
  id: string
  transcript_id: string
  namespace: string
  ts: number | string | null
  tool: string | null
  body: string | null
  body_hash: string | null
}

async function bodiesOf(database: Database, rows: EventRow[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const namespace of new Set(rows.map((row) => row.namespace))) {
    const hashes = rows.flatMap((row) => (row.namespace === namespace ? (row.body_hash ?? []) : []))
    for (const [hash, text] of await readBodies(database, namespace, [...new Set(hashes)])) {
      texts.set(`${namespace} ${hash}`, text)
    }
  }
  return texts
}

export const digestColumns = 'id, namespace, uid, native_id, ended_at, project, cwd, title, task_ref'

/** What its entry takes of a transcript that was distilled. */
export interface DigestRow extends EntryPlace {
  id: string
  namespace: string
  uid: string
  native_id: string
  ended_at: number | string | null
  title: string | null
  task_ref: string | null
}

export function digestEntry(row: DigestRow, text: string): SearchEntry {
  return {
    kind: 'digest',
    owner: 'transcript',
    ownerId: row.id,
    anchor: null,
    at: new Date(Number(row.ended_at ?? 0)),
    text,
    sessionId: row.native_id,
    actorName: null,
    projectIds: projectIds(row),
  }
}

type Told = Pick<Digest, 'firstPrompt' | 'lastAnswer' | 'filesTouched'>

/** What search finds of a digest: also when nothing else of the transcript is left. */
export function digestText({ title, task_ref }: DigestRow, told: Told, samples: string[]): string {
  const { firstPrompt, lastAnswer, filesTouched } = told
  const texts = [title, task_ref, firstPrompt, lastAnswer, ...filesTouched, ...samples]
  return texts.filter((text) => text !== null).join('\n')
}

/** In an order that does not depend on where they are kept. */
export const bySample = (errors: { sample: string }[]): string[] => errors.map(({ sample }) => sample).toSorted()

/** The rows of digests, each with what search reads of it. */
export async function digestsOf(
  database: Database,
  ids: string[],
  held = '',
): Promise<(DigestRow & { text: string })[]> {
  const { transcripts, transcriptErrors } = database.tables
  const rows = await database.query<DigestRow & { digest: string }>(
    `select ${digestColumns}, digest from ${transcripts}
     where id in (${marks(ids)}) and digest is not null order by id ${held}`,
    ids,
  )
  const errors = await database.query<{ transcript_id: string; sample: string }>(
    `select transcript_id, sample from ${transcriptErrors} where transcript_id in (${marks(ids)})`,
    ids,
  )
  return rows.map(({ digest, ...row }) => {
    const samples = bySample(errors.filter(({ transcript_id }) => transcript_id === row.id))
    return { ...row, text: digestText(row, toldBy(digest), samples) }
  })
}

/** What another program spoiled has no text, and is found all the same. */
function toldBy(digest: string): Told {
  const nothing: Told = { firstPrompt: null, lastAnswer: null, filesTouched: [] }
  try {
    return { ...nothing, ...(JSON.parse(digest) as Told) }
  } catch {
    return nothing
  }
}

/** For writing the entries of digests anew. */
export const digestSource: SearchSource = {
  owner: 'transcript',
  table: 'transcripts',
  kind: "'digest'",
  bytes: 'octet_length(digest)',
  isFindable: 'o.digest is not null',
  async read(database, ids) {
    const digests = await digestsOf(database, ids, database.dialect.heldRows)
    return digests.map(({ text, ...row }) => ({ ...digestEntry(row, text), namespace: row.namespace }))
  },
}
