import type { IdFactory } from '../../../domain/ids.js'
import type { SourceLink, ToldEvent, TranscriptBatch } from '../../../domain/transcripts/ingest-repository.js'
import type { Body } from '../body-folder.js'
import { type Database, holdName } from '../database.js'

export interface Saving {
  namespace: string
  now: Date
  redactionVersion: string | null
  /** Whether activity is to be told of what changes. */
  isFed: boolean
  newId: IdFactory
  bodies: Map<ToldEvent, Body>
}

/** And of which events the texts were evicted: of those that are withheld they do not come back. */
export interface EventSaving extends Saving {
  evicted: ReadonlySet<ToldEvent>
  withheld: ReadonlySet<ToldEvent>
}

/** Whoever writes transcripts of a namespace waits for the others. */
export const holdTranscripts = (transaction: Database, namespace: string) =>
  holdName(transaction, `transcripts ${transaction.tables.transcripts} ${namespace}`)

export const marks = (values: { length: number }) => Array.from(values, () => '?').join(', ')

const maxValues = 500

/** All rows of a query that takes so many values at a time. */
export async function inChunks<Row>(values: string[], query: (chunk: string[]) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for (let start = 0; start < values.length; start += maxValues) {
    for (const row of await query(values.slice(start, start + maxValues))) rows.push(row)
  }
  return rows
}

/** The id of a transcript that a source tells of. */
export const transcriptIdOf = (
  ids: ReadonlyMap<string, string>,
  { source }: TranscriptBatch,
  { nativeId }: Pick<SourceLink, 'nativeId'>,
): string => ids.get(`${source.source.flavor}:${nativeId}`) ?? ''
