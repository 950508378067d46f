import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { EventKind, PurgeEventsOptions } from '../../src/index.js'
import { allEvents, described, sinkOf } from '../support/activity.js'
import type { HansardWorld } from '../support/world.js'

const minuteMs = 60_000

async function purge(world: HansardWorld, options: PurgeEventsOptions): Promise<void> {
  world.purgedActivity = await world.attempt(() => world.activity.purge(options))
}

When('activity older than {int} minutes is purged', function (this: HansardWorld, minutes: number) {
  return purge(this, { olderThanMs: minutes * minuteMs })
})

When(
  'activity of the kind {string} older than {int} minutes is purged',
  function (this: HansardWorld, kind: EventKind, minutes: number) {
    return purge(this, { olderThanMs: minutes * minuteMs, kinds: [kind] })
  },
)

When(
  'activity older than {int} minutes is purged in batches of {int}',
  function (this: HansardWorld, minutes: number, batchSize: number) {
    return purge(this, { olderThanMs: minutes * minuteMs, batchSize })
  },
)

When('activity is purged without an age', function (this: HansardWorld) {
  return purge(this, {} as PurgeEventsOptions)
})

Then(
  'the purge of activity deleted {int} event(s), {string}, and left {int}',
  async function (this: HansardWorld, eventsDeleted: number, byKind: string, remaining: number) {
    const kinds = byKind === '' ? [] : byKind.split(', ').map((each) => each.split(' '))
    const figures = { eventsDeleted, byKind: Object.fromEntries(kinds.map(([kind, count]) => [kind, Number(count)])) }
    assert.deepEqual(this.purgedActivity, { dryRun: false, ...figures, remaining })
    assert.equal((await allEvents(this)).length, remaining)
  },
)

Then(
  'a dry run of the purge of activity older than {int} minutes reports what a run then reports',
  async function (this: HansardWorld, minutes: number) {
    const before = await allEvents(this)
    const options = { olderThanMs: minutes * minuteMs }
    const promised = await this.activity.purge({ ...options, dryRun: true })
    assert.deepEqual(await allEvents(this), before)
    assert.deepEqual(await this.activity.purge(options), { ...promised, dryRun: false })
  },
)

Given('a sink in which {int} events may wait', function (this: HansardWorld, capacity: number) {
  this.sink = this.activity.sink({ capacity })
})

When('the bus sends {string}', function (this: HansardWorld, json: string) {
  sinkOf(this).send(JSON.parse(json))
})

When('the bus sends an event of {int} characters', function (this: HansardWorld, characters: number) {
  sinkOf(this).send({ event: 'note', text: 'x'.repeat(characters) })
})

When('the bus sends {int} events in one go', function (this: HansardWorld, count: number) {
  for (let index = 0; index < count; index++) sinkOf(this).send({ event: 'state_enter', loop: 'fix', index })
})

When('the sink is/was closed', async function (this: HansardWorld) {
  this.sinkReport = await sinkOf(this).close()
})

Then(
  '{int} event(s) was/were recorded and {int} was/were dropped',
  async function (this: HansardWorld, recorded: number, dropped: number) {
    assert.deepEqual(this.sinkReport, { recorded, dropped, drops: {} })
    assert.equal((await allEvents(this)).length, recorded)
  },
)

Then(
  '{int} event(s) was/were recorded and {int} was/were dropped as {string}',
  async function (this: HansardWorld, recorded: number, dropped: number, reason: string) {
    assert.deepEqual(this.sinkReport, { recorded, dropped, drops: { [reason]: dropped } })
    assert.equal((await allEvents(this)).length, recorded)
  },
)

Then('{int} event was told to be dropped as {string}', function (this: HansardWorld, events: number, reason: string) {
  const drops = this.told.filter(({ type }) => type === 'dropped')
  assert.deepEqual(drops, [{ type: 'dropped', reason, events }])
})

Then('the recorded event is {string} of {string}', async function (this: HansardWorld, event: string, ts: string) {
  const events = await allEvents(this)
  assert.deepEqual(
    events.map((each) => [described(each), each.ts.toISOString()]),
    [[event, ts]],
  )
})
