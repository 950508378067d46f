import type { RecordCounts, SessionFacts, TranscriptRecord } from '../../../domain/transcripts/transcript-reader.js'
import { type AgentDatabase, hasColumns } from '../agent-database.js'
import { withoutUndefined } from '../draft-events.js'
import { isoTime, optionalText, plainText } from '../event-text.js'
import { isObject, type JsonRecord, parseObject } from '../json-line.js'
import { countsOf } from '../line-records.js'
import { type OpencodeMessage, type ToldMessage, tellMessage } from './opencode-messages.js'
import { isKnownPart } from './opencode-parts.js'
import type { Table } from './opencode-tables.js'

/** Bigger rows are counted and left out. */
export const defaultMaxBytes = 16 * 1024 * 1024

/** Where messages and sessions are: version 2 left the older tables as they were, and others beside them. */
export interface Layout {
  messages: Table
  parts?: Table
  sessions: Table
}

const content = `case when octet_length(data) <= ${defaultMaxBytes} then data else octet_length(data) end`
const session = ['id', 'parent_id', 'directory', 'title', 'version', 'time_created', 'time_updated']
const message = ['id', 'session_id', 'time_created', 'time_updated', 'data']
const sessionTable = (name: string) => ({ name, content: 'json_array(parent_id, directory, title, version)' })
const older: Layout = {
  messages: { name: 'message', content },
  parts: { name: 'part', content },
  sessions: sessionTable('session'),
}
const newer: Layout = { messages: { name: 'session_message', content }, sessions: sessionTable('session_v2') }

export const tablesOf = ({ messages, parts, sessions }: Layout): Table[] => [
  sessions,
  messages,
  ...(parts ? [parts] : []),
]

/** Those that a database has; none, and it is not the agent's. */
export function layoutsIn(database: AgentDatabase): Layout[] {
  const isThere = ({ sessions, messages, parts }: Layout) =>
    hasColumns(database, sessions.name, session) &&
    hasColumns(database, messages.name, message) &&
    (!parts || hasColumns(database, parts.name, [...message, 'message_id']))
  return [older, newer].filter(isThere)
}

interface SessionRow {
  id: unknown
  parent: unknown
  directory: unknown
  title: unknown
  version: unknown
  time_created: unknown
  root: unknown
}

const untitled = /^(?:New|Child) session - \d{4}-\d\d-\d\dT/

/** Tells sessions by their rowids. */
export function sessionTeller(database: AgentDatabase, layouts: readonly Layout[], { sessions }: Layout) {
  const origin = hasColumns(database, sessions.name, ['fork_session_id']) ? 's.fork_session_id' : 'null'
  const isInProject = hasColumns(database, 'project', ['worktree', 'vcs'])
  const [root, join] = isInProject
    ? ["case when p.vcs = 'git' then p.worktree end", 'left join project p on p.id = s.project_id']
    : ['null', '']
  const row = database.prepare(
    `select s.id, coalesce(s.parent_id, ${origin}) as parent, s.directory, s.title, s.version, s.time_created, ${root} as root
     from ${sessions.name} s ${join} where s.rowid = ?`,
  )
  // What the newer layout tells of a session is the later word.
  const byteOffset = layouts.length > 1 && sessions.name === newer.sessions.name ? 1 : 0
  return (rowid: number): TranscriptRecord[] => {
    const found = row.get(rowid) as SessionRow | undefined
    if (!found) return []
    const place = { byteOffset, line: byteOffset, file: sessions.name }
    const sessionId = String(found.id)
    return [{ place, sourceKey: 'session', sessionId, events: [], session: factsOf(found), counts: countsOf({}) }]
  }
}

function factsOf({ parent, directory, title, version, time_created, root }: SessionRow): SessionFacts {
  const named = optionalText(title)
  return withoutUndefined({
    startedAt: isoTime(time_created),
    cwd: optionalText(directory),
    gitRoot: optionalText(root),
    agentVersion: optionalText(version),
    title: named && !untitled.test(named) ? { text: named, rank: 2 } : undefined,
    parentSessionId: optionalText(parent),
  })
}

interface MessageRow {
  id: unknown
  session_id: unknown
  type: unknown
  time_created: unknown
  fork: unknown
  bytes: number
  data: unknown
}

interface PartRow {
  rowid: number
  bytes: number
  data: unknown
}

export interface ToldRow {
  record: TranscriptRecord
  bytes: number
}

/** What is counted of a message: all of it, or of one that was told before the parts beyond these. */
export interface Unread {
  isNew: boolean
  /** The parts that a read knows of: later ones are for the next. */
  parts: { after: number; upTo: number }
}

/** Tells messages by their rowids, with their parts. */
export function messageTeller(database: AgentDatabase, layouts: readonly Layout[], layout: Layout, maxBytes: number) {
  const row = database.prepare(messageQuery(database, layouts, layout))
  const parts =
    layout.parts &&
    database.prepare(
      `select rowid, coalesce(octet_length(data), 0) as bytes, case when octet_length(data) <= ? then data end as data
       from part where message_id = ? and rowid <= ? order by id`,
    )
  return (rowid: number, unread: Unread): ToldRow | undefined => {
    const found = row.get(maxBytes, rowid) as MessageRow | undefined
    if (!found) return undefined
    const own = (parts?.all(maxBytes, String(found.id), unread.parts.upTo) ?? []) as PartRow[]
    const record = recordOf(found, own, unread)
    const place = { byteOffset: rowid, line: rowid, file: layout.messages.name }
    return { record: { ...record, place }, bytes: own.reduce((sum, { bytes }) => sum + bytes, found.bytes) }
  }
}

/** Of version 2 what is its own: it has the older messages too, under their ids. */
function messageQuery(database: AgentDatabase, layouts: readonly Layout[], { messages, sessions }: Layout): string {
  const isNewer = messages.name === newer.messages.name
  const fork = hasColumns(database, sessions.name, ['fork_session_id']) ? 's.fork_session_id' : 'null'
  const type = isNewer ? 'm.type' : 'null'
  const isOwn = isNewer && layouts.length > 1 ? 'and not exists (select 1 from message o where o.id = m.id)' : ''
  return `select m.id, m.session_id, ${type} as type, m.time_created, ${fork} as fork, coalesce(octet_length(m.data), 0) as bytes,
      case when octet_length(m.data) <= ? then m.data end as data
    from ${messages.name} m ${isNewer ? 'join' : 'left join'} ${sessions.name} s on s.id = m.session_id
    where m.rowid = ? ${isOwn}`
}

function recordOf(row: MessageRow, rows: PartRow[], unread: Unread) {
  const data = parsed(row.data)
  const parts = rows.map((part) => ({ ...part, value: parsed(part.data) }))
  const createdAt = timeOf(data) ?? isoTime(row.time_created) ?? null
  const told = data && toldOf(row, { data, parts: parts.map(({ value }) => value).filter(isObject), createdAt })
  const counts = counted(row, told, unread)
  for (const part of parts.filter(({ rowid }) => unread.isNew || rowid > unread.parts.after)) {
    countRow(counts, part, part.value && isKnownPart(part.value))
  }
  const { events = [], usage, session } = told ?? {}
  const of = { sourceKey: String(row.id), sessionId: String(row.session_id), turnId: createdAt ?? undefined }
  return withoutUndefined({ ...of, events, usage, session, copiedFrom: optionalText(row.fork), counts })
}

const toldOf = ({ id, type }: MessageRow, message: Pick<OpencodeMessage, 'data' | 'parts' | 'createdAt'>) =>
  tellMessage({ ...message, id: String(id), type: plainText(type ?? message.data.role) })

function counted(row: MessageRow, told: ToldMessage | undefined, { isNew }: Unread): RecordCounts {
  const counts = countsOf(isNew && told ? { records: 1 } : {})
  if (isNew) countRow(counts, row, told && !told.isUnknown)
  return counts
}

const timeOf = (data: JsonRecord | undefined) => (isObject(data?.time) ? isoTime(data.time.created) : undefined)
const parsed = (data: unknown) => (typeof data === 'string' ? parseObject(data) : undefined)

type CountedRow = Pick<PartRow, 'bytes' | 'data'>

/** @param isKnown undefined where it could not be read */
function countRow(counts: RecordCounts, { bytes, data }: CountedRow, isKnown: boolean | undefined): void {
  if (isKnown === false) counts.unknownTypes++
  else if (isKnown === undefined && (data !== null || bytes === 0)) counts.malformedLines++
  else if (isKnown === undefined) {
    counts.oversizedLines++
    counts.oversizedBytes += bytes
  }
}
