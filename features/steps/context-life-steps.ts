import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { Context, ListContextsOptions, Page, PurgeOptions, PurgeReport } from '../../src/index.js'
import { contextName, everythingStored, readContext, stepOf } from '../support/contexts.js'
import type { HansardWorld } from '../support/world.js'

When('{int} minute(s) pass/passes/passed', function (this: HansardWorld, minutes: number) {
  this.clock.moveMinutes(minutes)
})

Given('the clock is at the end of {string}', function (this: HansardWorld, name: string) {
  this.clock.moveTo(this.opening(name).expiresAt.toISOString())
})

When('the clock is one millisecond before the end of {string}', function (this: HansardWorld, name: string) {
  this.clock.moveTo(new Date(this.opening(name).expiresAt.getTime() - 1).toISOString())
})

Then('{string} expires when {string} was to expire', async function (this: HansardWorld, name: string, other: string) {
  assert.deepEqual((await readContext(this, name)).expiresAt, this.opening(other).expiresAt)
})

Then('{string} expires when it was to expire', async function (this: HansardWorld, name: string) {
  assert.deepEqual((await readContext(this, name)).expiresAt, this.opening(name).expiresAt)
})

Given('contexts may have {int} step(s)', function (this: HansardWorld, contextSteps: number) {
  return this.openStore({ limits: { contextSteps } })
})

Given('contexts may have {int} bytes', function (this: HansardWorld, contextBytes: number) {
  return this.openStore({ limits: { contextBytes } })
})

Given('a namespace may have {int} open context(s)', function (this: HansardWorld, openContexts: number) {
  return this.openStore({ limits: { openContexts } })
})

function patch(world: HansardWorld, name: string, json: string, expectedVersion?: number): Promise<unknown> {
  return world.attempt(() => world.contexts.patch(world.token(name), JSON.parse(json), { expectedVersion }))
}

When('the context {string} is/was patched with:', function (this: HansardWorld, name: string, json: string) {
  return patch(this, name, json)
})

When(
  'the context {string} is patched at version {int} with:',
  function (this: HansardWorld, name: string, expectedVersion: number, json: string) {
    return patch(this, name, json, expectedVersion)
  },
)

When('{string} is/was patched into {string}', function (this: HansardWorld, key: string, name: string) {
  return patch(this, name, JSON.stringify({ [key]: true }))
})

When(
  '{string} is patched into {string} for {string}',
  async function (this: HansardWorld, key: string, name: string, subjectId: string) {
    await this.attempt(() => this.contexts.patch(this.token(name), { [key]: true }, { subjectId }))
  },
)

When(
  '{int} members are patched into {string} at once',
  async function (this: HansardWorld, count: number, name: string) {
    const patches = Array.from({ length: count }, (_, index) => ({ [`member ${index}`]: index }))
    await Promise.all(patches.map((each) => this.contexts.patch(this.token(name), each)))
  },
)

When(
  '{int} writers patch version {int} of {string} at once',
  async function (this: HansardWorld, writers: number, expectedVersion: number, name: string) {
    const write = (_: unknown, index: number) =>
      this.contexts.patch(this.token(name), { writer: index }, { expectedVersion })
    this.outcomes = await Promise.allSettled(Array.from({ length: writers }, write))
  },
)

async function list(world: HansardWorld, options?: ListContextsOptions): Promise<string[]> {
  const { items } = await world.contexts.list({ limit: 1000, ...options })
  world.listedContexts = items
  return items.map((context) => contextName(world, context))
}

const withStatus = (names: string[], contexts: Context[]) =>
  names.map((name, index) => `${name} (${contexts[index]?.status})`)

Then('the contexts are listed as {string}', async function (this: HansardWorld, names: string) {
  assert.equal((await list(this)).join(', '), names)
})

Then(
  'the contexts of {string} are listed as {string}',
  async function (this: HansardWorld, subjectId: string, names: string) {
    assert.equal((await list(this, { subjectId })).join(', '), names)
  },
)

Then('all contexts are listed as {string}', async function (this: HansardWorld, names: string) {
  assert.equal(withStatus(await list(this, { state: 'all' }), this.listedContexts).join(', '), names)
})

Then('the store holds {string}', async function (this: HansardWorld, names: string) {
  const held = withStatus(await list(this, { state: 'all' }), this.listedContexts)
  assert.deepEqual(held.sort(), names.split(', ').sort())
})

Then('there is/are {int} context(s) in all', async function (this: HansardWorld, count: number) {
  assert.equal((await list(this, { state: 'all' })).length, count)
})

async function pageThrough(world: HansardWorld, limit: number, onward: ListContextsOptions): Promise<void> {
  world.listedContexts = []
  let page: Page<Context> | undefined = await world.contexts.list({ limit })
  while (page) {
    world.listedContexts.push(...page.items)
    const cursor: string | null = page.nextCursor
    page = cursor === null ? undefined : await world.attempt(() => world.contexts.list({ limit, cursor, ...onward }))
  }
}

When('the contexts are paged through by {int}', function (this: HansardWorld, limit: number) {
  return pageThrough(this, limit, {})
})

When(
  'the contexts are paged through by {int}, going on with all of them',
  function (this: HansardWorld, limit: number) {
    return pageThrough(this, limit, { state: 'all' })
  },
)

Then('the pages showed {string}', function (this: HansardWorld, names: string) {
  assert.equal(this.listedContexts.map((context) => contextName(this, context)).join(', '), names)
})

async function purge(world: HansardWorld, options?: PurgeOptions): Promise<void> {
  world.purged = await world.attempt(() => world.contexts.purge(options))
}

When('the contexts are/were purged', function (this: HansardWorld) {
  return purge(this)
})

When('the contexts are purged, keeping what ended for {int} minutes', function (this: HansardWorld, minutes: number) {
  return purge(this, { retentionMs: minutes * 60_000 })
})

When('the contexts are purged with aged steps', function (this: HansardWorld) {
  return purge(this, { agedSteps: true })
})

When('the contexts are purged in batches of {int}', function (this: HansardWorld, batchSize: number) {
  return purge(this, { batchSize })
})

function assertReport(report: PurgeReport | undefined, table: DataTable): void {
  const { expiredMarked, contextDeleted, stepOrphanDeleted, stepAgedDeleted, aliveRemaining } = report ?? {}
  const figures = [expiredMarked, contextDeleted, stepOrphanDeleted, stepAgedDeleted, aliveRemaining]
  assert.deepEqual(figures.slice(0, table.rows()[0]?.length).map(String), table.rows()[0])
}

Then('the purge reports:', function (this: HansardWorld, table: DataTable) {
  assert.equal(this.purged?.dryRun, false)
  assertReport(this.purged, table)
})

Then('a dry run of the purge reports:', async function (this: HansardWorld, table: DataTable) {
  await purge(this, { dryRun: true })
  assert.equal(this.purged?.dryRun, true)
  assertReport(this.purged, table)
})

Then('a dry run of the purge reports what a run then reports', async function (this: HansardWorld) {
  const promised = await this.contexts.purge({ dryRun: true, agedSteps: true })
  const done = await this.contexts.purge({ agedSteps: true })
  assert.deepEqual({ ...promised, dryRun: false }, done)
})

Then('a dry run of the purge leaves the store as it is', async function (this: HansardWorld) {
  const before = await everythingStored(this)
  await this.contexts.purge({ dryRun: true, agedSteps: true, retentionMs: 0 })
  assert.equal(await everythingStored(this), before)
})

Given(
  'a purge in batches of {int} was stopped after {int} batches',
  async function (this: HansardWorld, batchSize: number, batches: number) {
    const stopped = new Error('Stopped')
    let count = 0
    const onProgress: PurgeOptions['onProgress'] = (soFar) => {
      this.stoppedPurge = soFar
      if (++count === batches) throw stopped
    }
    await assert.rejects(this.contexts.purge({ batchSize, onProgress }), stopped)
  },
)

Then('both purges together did:', function (this: HansardWorld, table: DataTable) {
  const [one, other] = [this.stoppedPurge, this.purged] as Record<string, number>[]
  const sums = Object.entries(one ?? {}).map(([name, done]) => [name, done + (other?.[name] ?? 0)])
  assert.ok((one?.contextDeleted ?? 0) + (one?.stepOrphanDeleted ?? 0) > 0, 'it was stopped too early')
  assert.ok((other?.contextDeleted ?? 0) > 0, 'it was stopped too late')
  assertReport(Object.fromEntries(sums), table)
})

Then('no step without a context is left in the store', async function (this: HansardWorld) {
  const orphans = 'select id from context_steps where context_id not in (select id from contexts)'
  assert.deepEqual(await this.storage.execute(orphans), [])
  const steps = await this.storage.execute('select id from context_steps')
  assert.equal(steps.length, 3)
})

When(
  'the host records the step {string} in {string} and commits',
  function (this: HansardWorld, action: string, name: string) {
    return this.host.transact(({ contexts }) => contexts.step(this.token(name), stepOf(action)))
  },
)

const change = new Error('The host has changed its mind')

When(
  'the host records the step {string} in {string} and rolls back',
  async function (this: HansardWorld, action: string, name: string) {
    const work = this.host.transact(async ({ contexts }) => {
      await contexts.step(this.token(name), stepOf(action))
      throw change
    })
    await assert.rejects(work, change)
  },
)

When('the host opens the context {string} and rolls back', async function (this: HansardWorld, name: string) {
  const work = this.host.transact(async ({ contexts }) => {
    this.openings.set(name, await contexts.open())
    throw change
  })
  await assert.rejects(work, change)
})

When(
  'the host meets a version conflict on {string}, records the step {string} all the same and commits',
  async function (this: HansardWorld, name: string, action: string) {
    await this.host.transact(async ({ contexts }) => {
      const early = contexts.patch(this.token(name), { early: true }, { expectedVersion: 9 })
      await assert.rejects(early, { code: 'VERSION_CONFLICT' })
      await contexts.step(this.token(name), stepOf(action))
    })
  },
)
