import assert from 'node:assert/strict'
import { noTokens } from '../src/domain/transcripts/transcript.js'
import type { TokenCounts } from '../src/domain/transcripts/transcript-reader.js'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import type { TestStore } from './test-store.js'

const notDerived = [
  'id',
  'discovered_at',
  'ingested_at',
  'analyzed_at',
  'generation',
  'transcript_id',
  'source_id',
  'recorded_at',
  'evicted_at',
]

/** Every table of the namespace that tells of transcripts, without what differs from run to run. */
export async function contents(store: TestStore, namespace: string): Promise<Record<string, string[]>> {
  const within = `namespace = '${namespace}'`
  const uid = `(select uid from ${store.table('transcripts')} t where t.id = x.transcript_id) as uid`
  const source = `(select source_id from ${store.table('transcript_sources')} s where s.id = x.source_id) as source`
  const queries = {
    transcripts: `select x.* from ${store.table('transcripts')} x where ${within}`,
    events: `select x.*, ${uid}, ${source} from ${store.table('transcript_events')} x where ${within}`,
    usages: `select x.*, ${uid}, ${source} from ${store.table('transcript_usages')} x where ${within}`,
    links: `select x.*, ${uid}, ${source} from ${store.table('transcript_links')} x where ${within}`,
    bodies: `select sha256, bytes from ${store.table('transcript_bodies')} where ${within}`,
    errors: `select x.*, ${uid} from ${store.table('transcript_errors')} x where ${within}`,
    activity: `select x.* from ${store.table('activity_events')} x where ${within}`,
    search: `select x.kind, x.at, (select e.event_key from ${store.table('transcript_events')} e where e.id = x.transcript_event_id) as event_key from ${store.table('search_entries')} x where ${within}`,
  }
  const found: Record<string, string[]> = {}
  for (const [name, query] of Object.entries(queries)) {
    const rows = await store.execute(query)
    found[name] = rows.map((row) => JSON.stringify(comparable(row))).sort()
  }
  return found
}

function comparable(row: Record<string, unknown>): object {
  const entries = Object.entries(row).filter(([name]) => name !== 'namespace' && !notDerived.includes(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]))
}

/** The tokens of all events are those of their transcript. */
export async function assertTokensOfEvents(transcripts: TranscriptService): Promise<void> {
  for (const { uid, tokens, lastSeq } of (await transcripts.list()).items) {
    if (lastSeq > 0) assert.deepEqual(await tokensOfEvents(transcripts, uid), tokens, uid)
  }
}

async function tokensOfEvents(transcripts: TranscriptService, uid: string): Promise<TokenCounts> {
  const sum = { ...noTokens }
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<TranscriptService['events']>> = await transcripts.events(uid, { after, limit: 1000 })
    for (const { tokens } of page.items) add(sum, tokens ?? noTokens)
    after = page.nextCursor
  }
  return sum
}

function add(sum: TokenCounts, tokens: TokenCounts): void {
  for (const name of Object.keys(sum) as (keyof TokenCounts)[]) sum[name] += tokens[name]
}
