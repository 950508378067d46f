import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm'
import type { ImportOrigin } from '../../domain/sessions/session.js'
import { fromNanoUsd, toNanoUsd } from '../../domain/sessions/token-usage.js'

/** Postgres drivers hand bigints over as strings. */
const number: ValueTransformer = {
  from: (value: string | number | null) => (value === null ? null : Number(value)),
  to: (value: number | null) => value,
}

const truth: ValueTransformer = {
  from: (value: number) => value === 1,
  to: (value: boolean) => (value ? 1 : 0),
}

const date: ValueTransformer = {
  from: (value: string | number | null) => (value === null ? null : new Date(Number(value))),
  to: (value: Date | null | undefined) => (value instanceof Date ? value.getTime() : value),
}

const jsonText: ValueTransformer = {
  from: (text: string | null): unknown => (text === null ? null : JSON.parse(text)),
  to: (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value)),
}

/** JSON whose instant is revived. */
export function importOriginFrom(text: string | null): ImportOrigin | null {
  if (text === null) return null
  const origin = JSON.parse(text) as ImportOrigin
  return { ...origin, importedAt: new Date(origin.importedAt) }
}

const importOrigin: ValueTransformer = { from: importOriginFrom, to: jsonText.to }

const nanoUsd: ValueTransformer = {
  from: (value: string | number) => fromNanoUsd(Number(value)),
  to: (usd: number) => toNanoUsd(usd),
}

type Column = EntitySchemaColumnOptions

/** Ids are ULIDs; `constraint` names the primary key. */
export const idColumn = (constraint: string): Column => ({
  type: 'varchar',
  length: 26,
  primary: true,
  primaryKeyConstraintName: constraint,
})
export const text = (name: string, length?: number): Column => ({ type: length ? 'varchar' : 'text', length, name })
export const integer = (name: string): Column => ({ type: 'integer', name })
export const bigInteger = (name: string): Column => ({ type: 'bigint', name, transformer: number })
/** A truth value as 0 or 1, the same in both databases. */
export const flag = (name: string): Column => ({ type: 'integer', name, transformer: truth })
export const counter = (name: string): Column => ({ type: 'integer', name, default: 0 })
export const bigCounter = (name: string): Column => ({ type: 'bigint', name, default: 0, transformer: number })
export const cost = (name: string): Column => ({ type: 'bigint', name, default: 0, transformer: nanoUsd })
/** UTC instants are epoch milliseconds in both databases. */
export const instant = (name: string): Column => ({ type: 'bigint', name, transformer: date })
/** JSON is kept as text, never jsonb: key order, U+0000 and lone surrogates survive. */
export const json = (name: string): Column => ({ type: 'text', name, transformer: jsonText })
/** Where an import came from. */
export const importOriginJson = (name: string): Column => ({ type: 'text', name, transformer: importOrigin })
export const nullable = (column: Column): Column => ({ ...column, nullable: true })
