import type { SearchRequest } from '../../../domain/search/search-index.js'
import type { SearchPhrase, SearchQuery } from '../../../domain/search/search-query.js'
import { type Scope, scopes, scopeToken } from '../../../domain/search/search-terms.js'

/** How one engine writes the parts of a query; tokens are letters and digits, and need no escape. */
interface Notation {
  phrase(phrase: SearchPhrase, code: string): string
  and: string
  or: string
  not: string
}

const fts5: Notation = {
  phrase: ({ tokens, isPrefix }, code) => `"${tokens.map((token) => code + token).join(' ')}"${isPrefix ? ' *' : ''}`,
  and: ' AND ',
  or: ' OR ',
  not: ' NOT ',
}

const tsquery: Notation = {
  phrase: ({ tokens, isPrefix }, code) =>
    `(${tokens.map((token) => `'${code}${token}'`).join(' <-> ')}${isPrefix ? ':*' : ''})`,
  and: ' & ',
  or: ' | ',
  not: ' & !',
}

function written(query: SearchQuery, code: string, notation: Notation): string {
  if (query.type === 'phrase') return notation.phrase(query, code)
  if (query.type === 'not') {
    const [wanted, unwanted] = [query.wanted, query.unwanted].map((part) => written(part, code, notation))
    return `(${wanted}${notation.not}${unwanted})`
  }
  return `(${query.parts.map((part) => written(part, code, notation)).join(notation[query.type])})`
}

type Scopes = SearchRequest['scopes']

function scopeGroups(given: Scopes): string[][] {
  return scopes.flatMap((scope: Scope) => {
    const values = given[scope]
    return values ? [values.map((value) => scopeToken(scope, value))] : []
  })
}

/** The words, and if given the scopes, as FTS5 reads them. */
export function fts5Expression(query: SearchQuery, code: string, given: Scopes = {}): string {
  const groups = scopeGroups(given).map((tokens) => ` AND scope : (${tokens.join(' OR ')})`)
  return `body : ${written(query, code, fts5)}${groups.join('')}`
}

/** The same as a tsquery. */
export function tsqueryExpression(query: SearchQuery, code: string, given: Scopes = {}): string {
  const groups = scopeGroups(given).map((tokens) => ` & (${tokens.map((token) => `':${token}'`).join(' | ')})`)
  return written(query, code, tsquery) + groups.join('')
}
