import { namespaceCode, scopeToken } from '../../domain/search/search-terms.js'
import { indexedTokens } from '../../domain/search/search-text.js'
import type { SearchEntry } from '../../domain/search-entry.js'
import type { Database, SearchEntryWriter } from './database.js'
import { insertRows } from './insert-rows.js'

/** Rows that search finds, and how their entries are written anew. */
export interface SearchSource {
  owner: SearchEntry['owner']
  table: 'messages' | 'events' | 'transcriptEvents' | 'transcripts'
  /** In SQL, of a row under the name `o`: whether it is to be found at all. */
  isFindable?: string
  /** In SQL, of a row: its kind, and how much text it holds. */
  kind: string
  bytes: string
  read(database: Database, ids: string[]): Promise<(SearchEntry & { namespace: string })[]>
}

/** What an entry stands for, read from the row that it is of. */
export interface FoundRow {
  /** The row's own. */
  id: string
  ref: string
  anchor: string
  sessionId: string | null
  /** Undefined when it is to be read by itself. */
  text?: string
}

/** Reads what hits stand for, where search itself does not know the tables. */
export interface FoundSource {
  kind: string
  owner: SearchEntry['owner']
  /** Those that can still be seen. */
  load(database: Database, ids: string[]): Promise<FoundRow[]>
  text(database: Database, namespace: string, ref: string): Promise<string>
}

/** Entries of the kinds that are searched; a later try finds what an earlier one wrote. */
export async function writeSearchEntries(
  transaction: Database,
  namespace: string,
  entries: SearchEntry[],
  isAnew = false,
): Promise<void> {
  const searched = entries.filter(({ kind }) => transaction.dialect.isSearched(kind))
  // What was found of a row while its kind was searched is of another text now.
  if (isAnew && searched.length < entries.length) {
    await takenOut(
      transaction,
      entries.filter((entry) => !searched.includes(entry)),
    )
  }
  if (searched.length > 0) await transaction.dialect.writeSearchEntries(transaction, namespace, searched, isAnew)
}

const owners = ['message', 'event', 'transcript_event', 'transcript'] as const
const entryColumns = `namespace, kind, ${owners.map((owner) => `${owner}_id`).join(', ')}, anchor, at`
const entryParameters = (namespace: string, entry: SearchEntry): unknown[] => [
  namespace,
  entry.kind,
  ...owners.map((owner) => (owner === entry.owner ? entry.ownerId : null)),
  entry.anchor,
  entry.at.getTime(),
]

/** Writers are alone here, so that the numbers can be given before the rows are written. */
export const writeSqliteEntries: SearchEntryWriter = async (transaction, namespace, entries, isAnew) => {
  const { searchEntries, searchIndex } = transaction.tables
  const [row] = await transaction.query<{ seq: number }>(`select seq from sqlite_sequence where name = ?`, [
    transaction.tables.searchEntriesName,
  ])
  const known = isAnew ? await takenOut(transaction, entries) : new Map<string, number>()
  let last = row?.seq ?? 0
  const numbers = entries.map(({ ownerId }) => known.get(ownerId) ?? ++last)
  const rows = entries.map((entry, index) => [numbers[index], ...entryParameters(namespace, entry)])
  await insertRows(transaction, searchEntries, `n, ${entryColumns}`, rows)
  const words = entries.map((entry, index) => [numbers[index], body(namespace, entry.text), scope(entry)])
  await insertRows(transaction, searchIndex, 'rowid, body, scope', words)
}

/** The numbers of the entries that stood for these rows, which go: by them pages know what comes after what. */
async function takenOut(transaction: Database, entries: SearchEntry[]): Promise<Map<string, number>> {
  const [{ owner }] = entries as [SearchEntry]
  const rows = await transaction.query<{ id: string; n: number }>(
    `delete from ${transaction.tables.searchEntries} where ${owner}_id in (${entries.map(() => '?').join(', ')})
     returning ${owner}_id as id, n`,
    entries.map(({ ownerId }) => ownerId),
  )
  return new Map(rows.map(({ id, n }) => [id, n]))
}

export const writePostgresEntries: SearchEntryWriter = async (transaction, namespace, entries, isAnew) => {
  const { searchEntries } = transaction.tables
  const rows = entries.map((entry) => [...entryParameters(namespace, entry), postgresVector(namespace, entry)])
  const onConflict = isAnew ? inItsPlace(entries) : 'on conflict do nothing'
  await insertRows(transaction, searchEntries, `${entryColumns}, body`, rows, onConflict)
}

/** The entry that is there keeps its number. */
function inItsPlace(entries: SearchEntry[]): string {
  const [{ owner }] = entries as [SearchEntry]
  const columns = ['namespace', 'kind', 'anchor', 'at', 'body'].map((column) => `${column} = excluded.${column}`)
  return `on conflict (${owner}_id) where ${owner}_id is not null do update set ${columns.join(', ')}`
}

/** Stands where a word occurs so often that its place is no longer kept; no word of a namespace is so short. */
const gap = 'z'

function body(namespace: string, text: string): string {
  const code = namespaceCode(namespace)
  let words = ''
  for (const token of indexedTokens(text)) words += token === '' ? ` ${gap}` : ` ${code}${token}`
  return words
}

function scope(entry: SearchEntry): string {
  return scopeTokens(entry).join(' ')
}

function scopeTokens({ kind, sessionId, actorName, projectIds }: SearchEntry): string[] {
  const tokens = [scopeToken('kind', kind)]
  if (sessionId !== null) tokens.push(scopeToken('sessionId', sessionId))
  if (actorName !== null) tokens.push(scopeToken('actorName', actorName))
  for (const projectId of projectIds) tokens.push(scopeToken('projectId', projectId))
  return tokens
}

/**
 * The text form of a tsvector: words with their places. Postgres' own parser, which divides words by
 * the locale, is not asked. The colon keeps scopes apart from words.
 */
export function postgresVector(namespace: string, entry: SearchEntry): string {
  const code = namespaceCode(namespace)
  const places = new Map<string, string>()
  indexedTokens(entry.text).forEach((token, index) => {
    if (token === '') return
    const before = places.get(token)
    places.set(token, before === undefined ? String(index + 1) : `${before},${index + 1}`)
  })
  let vector = scopeTokens(entry)
    .map((token) => `':${token}'`)
    .join(' ')
  for (const [token, positions] of places) vector += ` '${code}${token}':${positions}`
  return vector
}

/** In SQL, for what only the statement itself knows. */
export const postgresScope = (scope: string, column: string) =>
  `array_to_tsvector(array[':${scope[0]}' || left(encode(sha256(convert_to(${column}, 'UTF8')), 'hex'), 16)])`
