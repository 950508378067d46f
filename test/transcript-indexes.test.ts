import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { TranscriptService } from '../src/index.js'
import { StatementLog } from './statement-log.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, lines, session } from './transcript-corpus.js'

/** Enough of everything that reading it all would not pay. */
const rows = 20_000

/** One in 40 rows is of the tenant looked at. */
async function fill(store: TestStore): Promise<void> {
  const series = store.isSqlite
    ? `(with recursive s(n) as (select 1 union all select n + 1 from s where n < ${rows}) select n from s)`
    : `generate_series(1, ${rows}) as s(n)`
  await store.execute(
    `insert into transcripts (id, namespace, uid, flavor, native_id, started_at, discovered_at, schema_version)
     select 'id' || n, 'tenant' || (n % 40), 'claude:' || n, 'claude', n, case when n % 9 = 0 then null else n end, n, 1
     from ${series}`,
  )
  await store.execute(
    `insert into transcript_usages (namespace, source_id, transcript_id, usage_key, place, is_copied, weight, lesser_weight,
       told_input, told_cache_read, told_cache_write, told_output, model, at, is_replay, is_counted, input_tokens,
       cache_read_tokens, cache_write_tokens, output_tokens)
     select 'tenant' || (n % 40), 's', 'id' || n, 'u' || n, n, 0, 1, 1, 1, 0, 0, 1, 'one', n * 10000, 0, n % 2, 1, 0, 0, 1 from ${series}`,
  )
  await store.execute(
    `insert into transcript_events (id, namespace, transcript_id, source_id, event_key, record_key, file, place, is_copied,
       seq, is_time_inherited, kind, role, tool_call_id, summary, body_bytes, is_sidechain, is_error, told_error)
     select 'e' || n, 'tenant' || (n % 40), 'id' || n, 's', 'k' || n, 'r' || n, 0, n, 0, 1, 0,
       case when n % 9 = 0 then 'human_intervention' else 'tool_call' end,
       case when n % 2 = 0 then 'assistant' else 'tool' end, 'call-of-more-than-twenty-' || n, '', 0, 0, 0, 0 from ${series}`,
  )
  // Postgres does so by itself; on SQLite hardly anybody does.
  if (!store.isSqlite) await store.execute('analyze')
}

async function planOf(
  store: TestStore,
  ask: (sql: string, values: unknown[]) => Promise<unknown>,
  [sql, values]: StatementLog['statements'][number],
): Promise<string> {
  const plan = (await ask(`${store.isSqlite ? 'explain query plan' : 'explain'} ${sql}`, values)) as object[]
  return plan.map((line) => String(Object.values(line).at(-1))).join('\n')
}

/** Whether it reads a whole table, or puts all that it finds in order. */
const readsAll = /SCAN \S+(?! USING)$|TEMP B-TREE FOR (?:LAST|RIGHT|ORDER)|Seq Scan|Sort Key/m
const page = { limit: 10 }

const questions: [name: string, index: RegExp, ask: (transcripts: TranscriptService) => Promise<unknown>][] = [
  ['the newest', /ix_transcripts_started/, (transcripts) => transcripts.list(page)],
  ['the oldest', /ix_transcripts_started/, (transcripts) => transcripts.list({ ...page, order: 'oldest' })],
  ['of late', /ix_transcripts_started/, (transcripts) => transcripts.list({ ...page, since: new Date(rows - 4_000) })],
  [
    'the usage of late',
    /ix_transcript_usages_at/,
    (transcripts) => transcripts.usage({ by: 'model', since: new Date((rows - 1_000) * 10_000) }),
  ],
]

testOnBoth('a page of transcripts, and the usage of late, are found by an index in its order', async (store) => {
  await (await store.open()).close()
  await fill(store)
  const log = new StatementLog(/^select\b[^]*transcript/)
  const host = await store.host({ logging: true, logger: log, synchronize: false })
  const { transcripts } = (await store.open({ dataSource: host })).namespace('tenant1')
  for (const [name, index, ask] of questions) {
    log.statements.length = 0
    await ask(transcripts)
    const [statement, ...others] = log.statements
    assert.ok(statement && others.length === 0, name)
    const plan = await planOf(store, (sql, values) => host.query(sql, values), statement)
    assert.match(plan, index, `${name}\n${plan}`)
    if (!name.includes('usage')) assert.doesNotMatch(plan, readsAll, `${name}\n${plan}`)
  }
})

const record = (type: 'user' | 'assistant', at: number, content: object[]) => ({
  ...{ type, uuid: `u-${at}`, sessionId: session, cwd: '/home/ann/shop' },
  ...{ timestamp: new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString() },
  message: { ...(type === 'assistant' && { id: `m-${at}` }), role: type, content },
})
const call = { type: 'tool_use', id: 'toolu_01ABCDEFGHIJKLMNOP', name: 'Bash', input: { command: 'ls' } }
const prompt = record('user', 0, [{ type: 'text', text: 'Mend the shop' }])

testOnBoth('who else tells of activity that went is found by an index', async (store) => {
  await (await store.open()).close()
  await fill(store)
  const log = new StatementLog(/^update\b[^]*set is_settled = 0 where id in \(select/)
  const host = await store.host({ logging: true, logger: log, synchronize: false })
  const { transcripts } = (await store.open({ dataSource: host })).namespace('tenant1')
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  await transcripts.ingest({
    paths: [corpus.write(`${session}.jsonl`, lines([prompt, record('assistant', 1, [call])]))],
  })
  await transcripts.ingest({ paths: [corpus.write(`${session}.jsonl`, lines([prompt]))] })
  assert.ok(log.statements.length > 0)
  for (const statement of log.statements.splice(0)) {
    const plan = await planOf(store, (sql, values) => host.query(sql, values), statement)
    assert.match(plan, /ix_transcript_events_c/, plan)
    assert.doesNotMatch(plan, /SCAN \S*transcript_events|Seq Scan on transcript_events/, plan)
  }
})

testOnBoth('who else tells of the responses of a session is found by an index', async (store) => {
  await (await store.open()).close()
  await fill(store)
  const log = new StatementLog(/with keys as/)
  const host = await store.host({ logging: true, logger: log, synchronize: false })
  const { transcripts } = (await store.open({ dataSource: host })).namespace('tenant1')
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const told = [prompt, record('assistant', 1, [call])]
  for (const records of [told, told.slice(1)]) {
    await transcripts.ingest({ paths: [corpus.write(`${session}.jsonl`, lines(records))] })
  }
  // Of the session when it was put in order, twice, and once before what it told was forgotten.
  assert.equal(log.statements.length, 3)
  for (const statement of log.statements.splice(0)) {
    const plan = await planOf(store, (sql, values) => host.query(sql, values), statement)
    assert.doesNotMatch(plan, /\(namespace=\?\)|Seq Scan on transcript_usages/, plan)
  }
})
