import { issueStates } from '../../domain/activity/bus-event.js'
import { idPart } from '../../domain/native-ids.js'
import { type Frontmatter, parseFrontmatter } from './frontmatter.js'
import { fittingId, instantOf, nameBelow, type Reading, type SourceFile, stemOf } from './source-reading.js'

/**
 * The state that an issue is in, as the event that brought it there. The same issue in the same state
 * since the same instant is the same event, wherever its file is and whatever else it says.
 *
 * @throws {UnreadablePiece}
 */
export function readIssue(text: string, file: SourceFile): Reading {
  const { fields, body } = parseFrontmatter(text)
  const issueId = issueIdOf(fields.get('id'), file)
  const status = statusIn(fields)
  const state = stateOf(status)
  const [dated, ts] = dateOf(fields, state)
  const payload = {
    transition: status,
    discoveredBy: fields.get('discovered_by'),
    title: fields.get('title') ?? /^# +(.+)$/m.exec(body)?.[1]?.trim(),
    priority: fields.get('priority'),
  }
  const nativeId = fittingId(`issue:${idPart(issueId)}:${idPart(state)}:${ts?.toISOString() ?? 'undated'}`)
  const said = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
  const event = { kind: 'issue', issueId, state, ts, nativeId, payload: said }
  const isItsOwnDate = dated === 'completed_at' || ends.has(state)
  return isItsOwnDate ? { event } : { event, laterNativeId: `issue:${idPart(issueId)}:${idPart(state)}:after` }
}

const statusIn = (fields: Frontmatter['fields']) =>
  fields.get('status') ?? (fields.has('completed_at') ? 'done' : 'open')

/** The date that stands for the state, and its name. */
function dateOf(fields: Frontmatter['fields'], state: string): [name?: string, ts?: Date] {
  const dates = underway.has(state) ? beginnings : ['completed_at', ...beginnings]
  const name = dates.find((each) => fields.has(each))
  return name === undefined ? [] : [name, instantOf(fields.get(name) ?? '', name)]
}

const beginnings = ['captured_at', 'discovered_date']
const ends = new Set(['done', 'deferred', 'cancelled'])
/** The end that such an issue still names is one that it had before. */
const underway = new Set(['open', 'in_progress', 'reopened'])

/** Statuses as the events of a bus name them, and as issues do. */
function stateOf(status: string): string {
  const word = status.toLowerCase().replace(/[\s-]+/g, '_')
  return issueStates.get(word) ?? word
}

/** Such as BUG-7; what stands before it is a priority. */
const typedId = /^(?:P\d+-)?([A-Z][A-Z0-9]*-\d+)(?![A-Za-z0-9])/

/**
 * The id of the frontmatter; a bare number takes its type from the file's name. Where there is none, the id in the
 * name, else the whole name below the folder: no two files have that in common.
 */
function issueIdOf(given: string | undefined, file: SourceFile): string {
  const fromName = typedId.exec(stemOf(file))?.[1]
  if (given === undefined) return fromName ?? nameBelow(file)
  if (/^\d+$/.test(given)) return fromName && isNumberOf(fromName, given) ? fromName : given
  const [whole, typed = given] = typedId.exec(given) ?? []
  return whole === given ? typed : given
}

const isNumberOf = (id: string, number: string) => Number(id.slice(id.lastIndexOf('-') + 1)) === Number(number)
