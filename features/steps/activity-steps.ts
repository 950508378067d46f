import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { ActivityEventInput } from '../../src/index.js'
import { allEvents, atTime, eventsOf, recordEvent } from '../support/activity.js'
import type { HansardWorld } from '../support/world.js'

Given('the activity:', async function (this: HansardWorld, table: DataTable) {
  await this.activity.recordAll(eventsOf(table))
})

When('this event is/was recorded:', function (this: HansardWorld, json: string) {
  return recordEvent(this, JSON.parse(json) as ActivityEventInput)
})

When('these events are recorded together:', async function (this: HansardWorld, json: string) {
  await this.attempt(() => this.activity.recordAll(JSON.parse(json) as ActivityEventInput[]))
})

When(
  '{int} callers record an event at once with the native id {string}',
  async function (this: HansardWorld, callers: number, nativeId: string) {
    const record = () => this.activity.record({ kind: 'file', path: 'a.ts', nativeId })
    const recorded = await Promise.all(Array.from({ length: callers }, record))
    assert.equal(new Set(recorded.map(({ id }) => id)).size, 1)
    assert.equal(recorded.filter(({ replayed }) => !replayed).length, 1)
  },
)

Given('events may have {int} bytes', function (this: HansardWorld, eventBytes: number) {
  return this.openStore({ limits: { eventBytes } })
})

Then('the event has:', function (this: HansardWorld, json: string) {
  const expected = JSON.parse(json) as Record<string, unknown>
  const event = Object.entries(this.event ?? {}).filter(([name]) => name in expected)
  assert.deepEqual(Object.fromEntries(event), expected)
})

Then(
  'the event happened at {string} and was recorded at {string}',
  function (this: HansardWorld, ts: string, recordedAt: string) {
    assert.deepEqual([this.event?.ts, this.event?.recordedAt], [new Date(ts), new Date(recordedAt)])
  },
)

Then('the event can be read by its id', async function (this: HansardWorld) {
  const { replayed, ...event } = this.event ?? {}
  assert.equal(replayed, false)
  assert.deepEqual({ ...(await this.activity.get(this.event?.id ?? '')) }, event)
})

Then('the event is not found', async function (this: HansardWorld) {
  await this.attempt(() => this.activity.get(this.event?.id ?? ''))
  this.claimFailure('EVENT_NOT_FOUND')
})

When('the event is deleted', async function (this: HansardWorld) {
  await this.attempt(() => this.activity.delete(this.event?.id ?? ''))
})

Then('the event failed', function (this: HansardWorld) {
  assert.equal(this.event?.failed, true)
})

Then('the event was no failure', function (this: HansardWorld) {
  assert.equal(this.event?.failed, false)
})

Then('it is the event recorded before', function (this: HansardWorld) {
  const { replayed, ...event } = this.event ?? {}
  const { replayed: _, ...before } = this.eventBefore ?? {}
  assert.deepEqual(event, before)
  assert.equal(replayed, true)
})

Then('there is/are {int} event(s)', async function (this: HansardWorld, count: number) {
  assert.equal((await allEvents(this)).length, count)
})

Then('no event in the store contains {string}', async function (this: HansardWorld, text: string) {
  const rows = await this.storage.execute('select * from activity_events')
  assert.equal(rows.length, 1)
  assert.ok(!JSON.stringify(rows).includes(text))
})

Given(
  'an activity event of {string} and one of {string}',
  async function (this: HansardWorld, one: string, other: string) {
    const ts = atTime('09:00')
    for (const name of [one, other]) {
      await this.activity.record({ kind: 'tool', name: 'Bash', ts, sessionId: this.id(name) })
    }
  },
)

Then('{int} activity event(s) is/are left', async function (this: HansardWorld, count: number) {
  assert.equal((await allEvents(this)).length, count)
})
