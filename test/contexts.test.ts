import assert from 'node:assert/strict'
import { isHansardError, type PurgeOptions, type StepInput, TypeOrmContextRepository } from '../src/index.js'
import { openStore } from '../src/infrastructure/database/store.js'
import { testOn, testOnBoth } from './test-store.js'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

testOnBoth('eight concurrent steps get the indexes 1 to 8, each its own', async (store) => {
  const { contexts } = await store.open()
  const { stateToken } = await contexts.open()
  const steps = await Promise.all(upTo(8).map((request) => contexts.step(stateToken, { request })))
  assert.deepEqual(new Set(steps.map(({ stepIndex }) => stepIndex)), new Set(upTo(8)))
  const log = (await contexts.get(stateToken)).steps
  for (const { id, stepIndex, request } of steps)
    assert.deepEqual([log[stepIndex - 1]?.id, log[stepIndex - 1]?.request], [id, request])
})

testOn('postgres', 'two openings of one Postgres serve one context', async (store) => {
  const [one, other] = await Promise.all([store.open(), store.open()])
  const { stateToken } = await one.contexts.open({ savedContext: { count: 0 } })
  await Promise.all(
    upTo(8).flatMap((request) =>
      [one, other].map(async ({ contexts }) => {
        await contexts.step(stateToken, { request })
        await contexts.patch(stateToken, { [`seen ${request}`]: true })
      }),
    ),
  )
  const read = await other.contexts.close(stateToken)
  assert.deepEqual(
    read.steps.map(({ stepIndex }) => stepIndex),
    upTo(16),
  )
  assert.equal(read.version, 17)
  await assert.rejects(one.contexts.get(stateToken), { code: 'CONTEXT_CLOSED' })
})

testOn('postgres', 'two openings keep to the capacity of a namespace together', async (store) => {
  const limits = { openContexts: 5 }
  const [one, other] = await Promise.all([store.open({ limits }), store.open({ limits })])
  const outcomes = await Promise.allSettled(upTo(6).flatMap(() => [one.contexts.open(), other.contexts.open()]))
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5)
  assert.equal((await one.contexts.list()).items.length, 5)
})

testOnBoth('two purges at once delete everything once', async (store) => {
  let now = 0
  const clock = () => new Date(now)
  const [one, other] = await Promise.all([store.open({ clock }), store.open({ clock })])
  for (const _ of upTo(7)) await one.contexts.run([{ request: 1 }, { request: 2 }])
  now = 1000
  const options = { retentionMs: 0, batchSize: 2 }
  const reports = await Promise.all([one.contexts.purge(options), other.contexts.purge(options)])
  const sum = (name: 'contextDeleted' | 'stepOrphanDeleted') =>
    reports.reduce((total, report) => total + report[name], 0)
  assert.deepEqual([sum('contextDeleted'), sum('stepOrphanDeleted')], [7, 14])
})

testOnBoth('a batch of a purge holds no more steps than it may, however many a context has', async (store) => {
  let now = 0
  const { contexts } = await store.open({ clock: () => new Date(now) })
  await contexts.run(upTo(32).map((request) => ({ request })))
  now = 1000
  const steps: number[] = []
  const onProgress: PurgeOptions['onProgress'] = ({ stepOrphanDeleted }) => void steps.push(stepOrphanDeleted)
  const report = await contexts.purge({ retentionMs: 0, batchSize: 10, onProgress })
  assert.deepEqual([report.contextDeleted, report.stepOrphanDeleted], [1, 32])
  assert.deepEqual(steps, [0, 10, 20, 30, 32])
})

testOnBoth('rows that others write behind the store are held to its rules', async (store) => {
  const { contexts } = await store.open()
  const { stateToken, id } = await contexts.open()
  await contexts.step(stateToken, { request: 1 })
  for (const sql of [
    `update contexts set status = 'asleep'`,
    `update contexts set version = 0`,
    `update contexts set saved_context = '"${'世'.repeat(349_526)}"'`,
    `update context_steps set step_index = 0`,
    `update context_steps set step_index = 1025`,
    `update context_steps set request = '"${'世'.repeat(21_846)}"'`,
    `insert into context_steps select 'other', namespace, context_id, step_index, action, request, response,
       request_hash, response_hash, created_at, null, null from context_steps`,
    `insert into contexts select 'other', namespace, subject_id, status, saved_context, version, step_count, ttl_ms,
       sliding, opened_at, expires_at, last_step_at, closed_at, token_hash, change_id, null, null from contexts`,
  ])
    await assert.rejects(store.execute(sql), Error, sql.slice(0, 60))
  assert.equal((await contexts.get(stateToken)).id, id)
})

testOnBoth('the repository inserts a context and its steps once, however often it is told', async (store) => {
  const dataSource = await store.host()
  const hansard = await store.open({ dataSource })
  const database = openStore(dataSource, { schema: store.schema, telemetry: () => undefined, pendingWrites: 10 })
  const repository = new TypeOrmContextRepository(database, 'default')
  const { stateToken, ...context } = await hansard.contexts.open()
  const step = await hansard.contexts.step(stateToken, { request: 1 })
  await repository.insert({ ...context, status: 'closed' }, 'another')
  await repository.insertSteps([{ step, requestText: '2', responseText: null }])
  const read = await hansard.contexts.get(stateToken)
  assert.deepEqual([read.status, read.steps.length, read.steps[0]?.request], ['open', 1, 1])
})

testOn('postgres', 'doctor finds steps whose context is gone', async (store) => {
  const hansard = await store.open()
  await hansard.contexts.run([{ request: 1 }])
  const isSound = async () => (await hansard.doctor()).find(({ name }) => name === 'orphans')?.ok
  assert.equal(await isSound(), true)
  await store.execute('alter table context_steps drop constraint fk_context_steps_context')
  await store.execute('delete from contexts')
  assert.equal(await isSound(), false)
})

testOnBoth('a repeat is the same input when it means the same, defaults written out or not', async (store) => {
  const { contexts } = await store.open()
  const { id } = await contexts.open({ idempotencyKey: 'k' })
  const dayMs = 24 * 60 * 60_000
  for (const same of [{ savedContext: {} }, { ttlMs: dayMs }, { sliding: false }, { savedContext: {}, ttlMs: dayMs }])
    assert.equal((await contexts.open({ ...same, idempotencyKey: 'k' })).id, id)
  for (const other of [{ savedContext: { a: 1 } }, { ttlMs: 1 }, { sliding: true }, { subjectId: 'ada' }])
    await assert.rejects(contexts.open({ ...other, idempotencyKey: 'k' }), { code: 'IDEMPOTENCY_CONFLICT' })
  const steps = [{ request: 1 }]
  const { context } = await contexts.run(steps, { idempotencyKey: 'r' })
  for (const same of [{ savedContext: {} }, { partial: false }])
    assert.equal((await contexts.run(steps, { ...same, idempotencyKey: 'r' })).context.id, context.id)
  for (const other of [{ savedContext: { a: 1 } }, { partial: true }, { subjectId: 'ada' }])
    await assert.rejects(contexts.run(steps, { ...other, idempotencyKey: 'r' }), { code: 'IDEMPOTENCY_CONFLICT' })
})

testOnBoth('a repeated run gives the responses that were stored, whatever ones it brings', async (store) => {
  const { contexts } = await store.open()
  const run = (...steps: StepInput[]) => contexts.run(steps, { idempotencyKey: 'k' })
  const { context } = await run({ action: 'a', request: 1, response: 'first' }, { request: 2 })
  const again = await run({ action: 'a', request: 1, response: 'second' }, { request: 2, response: 'third' })
  assert.equal(again.context.id, context.id)
  const responses = again.context.steps.map(({ response }) => response)
  assert.deepEqual(responses, ['first', null])
  for (const other of [
    [{ action: 'b', request: 1 }, { request: 2 }],
    [{ action: 'a', request: 1 }],
    [{ request: 2 }, { action: 'a', request: 1 }],
  ])
    await assert.rejects(run(...other), { code: 'IDEMPOTENCY_CONFLICT' })
})

testOnBoth('a repeated partial run never tells of another outcome than the first', async (store) => {
  const { contexts } = await store.open()
  const tooLong = 'x'.repeat(5_000)
  const run = (...steps: StepInput[]) => contexts.run(steps, { partial: true, idempotencyKey: 'k' })
  const first = await run({ request: 1 }, { request: 2, response: tooLong }, { request: 3 })
  const again = await run({ request: 1, response: 1 }, { request: 2, response: `${tooLong}y` }, { request: 3 })
  assert.equal(again.context.id, first.context.id)
  assert.deepEqual(
    again.results.map(({ status }) => status),
    ['recorded', 'failed', 'recorded'],
  )
  for (const second of [{ request: 2 }, { request: 4, response: tooLong }, { request: Number.NaN }])
    await assert.rejects(run({ request: 1 }, second, { request: 3 }), { code: 'IDEMPOTENCY_CONFLICT' })
})

testOnBoth('a purge told its progress by what is no function is refused before it begins', async (store) => {
  const { contexts } = await store.open()
  const { id } = await contexts.open({ ttlMs: 1 })
  for (const onProgress of [5, 'log', {}]) {
    const refusal = await contexts.purge({ retentionMs: 0, onProgress } as never).catch((error: unknown) => error)
    assert.ok(isHansardError(refusal, 'INVALID_INPUT'))
    assert.deepEqual(
      refusal.problems.map(({ path }) => path),
      ['onProgress'],
    )
  }
  assert.deepEqual(
    (await contexts.list({ state: 'all' })).items.map((context) => context.id),
    [id],
  )
})

testOnBoth('a context that is not JSON any more is named by its own calls, and hidden from no check', async (store) => {
  let now = 0
  const hansard = await store.open({ clock: () => new Date(now) })
  const { contexts } = hansard
  const orphans = async () => (await hansard.doctor(['orphans']))[0]
  const [one, broken, list] = [await contexts.open(), await contexts.open(), await contexts.open()]
  assert.equal((await orphans())?.ok, true)
  await store.execute(`update contexts set saved_context = '{"secret": oops' where id = '${broken.id}'`)
  await store.execute(`update contexts set saved_context = '[]' where id = '${list.id}'`)
  const refusal = { code: 'STORAGE_FAILED', message: new RegExp(`^The saved context of context "${broken.id}" is not`) }
  const { stateToken } = broken
  await assert.rejects(contexts.get(stateToken), refusal)
  await assert.rejects(contexts.step(stateToken, { request: 1 }), refusal)
  await assert.rejects(contexts.patch(stateToken, {}), refusal)
  await assert.rejects(contexts.close(stateToken), refusal)
  await assert.rejects(contexts.get(list.stateToken), { code: 'STORAGE_FAILED' })
  const { ok, detail = '' } = (await orphans()) ?? {}
  assert.ok(ok === false && detail.includes(broken.id) && detail.includes(list.id) && !detail.includes(one.id), detail)
  assert.ok(!detail.includes('oops'), detail)
  now = 2 * 24 * 60 * 60_000
  assert.equal((await contexts.purge({ retentionMs: 0 })).contextDeleted, 3)
  assert.equal((await orphans())?.ok, true)
})

testOnBoth('a listing gives the contexts around one that cannot be read, on whatever page', async (store) => {
  const { contexts } = await store.open()
  const ids: string[] = []
  for (const _ of upTo(5)) ids.unshift((await contexts.open()).id)
  for (const id of [ids[1], ids[2]]) await store.execute(`update contexts set saved_context = 'x' where id = '${id}'`)
  const readable = [ids[0], ids[3], ids[4]]
  assert.deepEqual(
    (await contexts.list()).items.map(({ id }) => id),
    readable,
  )
  for (const limit of [1, 2]) {
    const found: string[] = []
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
      const { items, nextCursor } = await contexts.list({ limit, cursor })
      found.push(...items.map(({ id }) => id))
      cursor = nextCursor ?? undefined
    }
    assert.deepEqual(found, readable)
  }
})

testOnBoth('a step that is not JSON any more is named, and found by doctor', async (store) => {
  const hansard = await store.open()
  const { stateToken, id } = await hansard.contexts.open()
  for (const request of upTo(70)) await hansard.contexts.run([{ request }])
  await hansard.contexts.step(stateToken, { request: 1, response: 2 })
  await store.execute(`update context_steps set response = 'oops' where context_id = '${id}'`)
  const refusal = {
    code: 'STORAGE_FAILED',
    message: new RegExp(`^The response of step 1 of context "${id}" is not JSON`),
  }
  await assert.rejects(hansard.contexts.get(stateToken), refusal)
  const [orphans] = await hansard.doctor(['orphans'])
  assert.equal(orphans?.detail, `not JSON any more in the contexts ${id} (step 1)`)
})

testOnBoth('purged steps take their keys along, and still count', async (store) => {
  let now = 0
  const { contexts } = await store.open({ clock: () => new Date(now), limits: { contextSteps: 2 } })
  const { stateToken } = await contexts.open()
  const keyed = { request: 1, idempotencyKey: 'k' }
  await contexts.step(stateToken, keyed)
  now = 1000
  assert.equal((await contexts.purge({ retentionMs: 0, agedSteps: true })).stepAgedDeleted, 1)
  const { replayed, stepIndex, stepCount } = await contexts.step(stateToken, keyed)
  assert.deepEqual([replayed, stepIndex, stepCount], [false, 2, 2])
  await assert.rejects(contexts.step(stateToken, { request: 3 }), { code: 'STEP_CAP_REACHED' })
})
