import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { EvictOptions } from '../../src/domain/transcripts/eviction.js'
import { allEvents, allUids, ingest, toldThatStays } from '../support/transcripts.js'
import type { HansardWorld } from '../support/world.js'

const dayMs = 24 * 60 * 60_000

async function evict(world: HansardWorld, options: EvictOptions): Promise<void> {
  world.toldBefore = await toldThatStays(world)
  world.evicted = await world.attempt(() => world.transcripts.evict(options))
}

When('texts analysed more than {int} days ago are/were evicted', function (this: HansardWorld, days: number) {
  return evict(this, { maxAgeMs: days * dayMs })
})

When('texts beyond all but one byte of what there is are evicted', async function (this: HansardWorld) {
  const { bytesBefore } = await this.transcripts.evict({ dryRun: true })
  await evict(this, { softCapBytes: bytesBefore - 1 })
})

const uidsOf = ({ evicted }: HansardWorld) =>
  (evicted?.decisions ?? []).filter(({ action }) => action === 'evicted').map(({ uid }) => uid)

Then('the eviction let go of {string}', function (this: HansardWorld, uids: string) {
  assert.equal(uidsOf(this).sort().join(', '), uids)
})

Then('the eviction let go of {int} transcript', function (this: HansardWorld, count: number) {
  assert.equal(uidsOf(this).length, count)
})

Then('the eviction left {string}: {string}', function (this: HansardWorld, uid: string, why: string) {
  const left = (this.evicted?.decisions ?? []).filter(({ action }) => action !== 'evicted')
  assert.deepEqual(
    left.map((each) => [each.uid, each.why]),
    [[uid, why]],
  )
})

Then('no event of {string} has a text', async function (this: HansardWorld, uid: string) {
  const events = await allEvents(this, uid)
  assert.ok(events.length > 0 && events.every(({ body, summary }) => body === null && summary !== ''))
})

Then('every event of {string} has a text', async function (this: HansardWorld, uid: string) {
  const events = await allEvents(this, uid)
  assert.ok(events.length > 0 && events.every(({ body }) => body !== null))
})

Then('digests, errors and usage are told as before', async function (this: HansardWorld) {
  assert.equal(this.toldBefore?.length, (await allUids(this)).length + 2)
  assert.deepEqual(await toldThatStays(this), this.toldBefore)
})

Then(
  'a dry run of the eviction of texts analysed more than {int} days ago reports what a run then reports',
  async function (this: HansardWorld, days: number) {
    const before = await allEvents(this, 'claude:login')
    const options = { maxAgeMs: days * dayMs }
    const promised = await this.transcripts.evict({ ...options, dryRun: true })
    assert.deepEqual(await allEvents(this, 'claude:login'), before)
    assert.ok(promised.bytesFreed > 0)
    assert.deepEqual(await this.transcripts.evict(options), { ...promised, dryRun: false })
  },
)

Given('{string} is held for {string}', async function (this: HansardWorld, uid: string, reason: string) {
  await this.attempt(() => this.transcripts.hold(uid, reason))
})

When('{string} is released', async function (this: HansardWorld, uid: string) {
  await this.transcripts.release(uid)
})

When('the transcripts are ingested from their start', function (this: HansardWorld) {
  return ingest(this, { again: true })
})

When('the transcripts are ingested without telling activity', function (this: HansardWorld) {
  return ingest(this, { activity: false })
})

When('the transcripts are/were redacted again', async function (this: HansardWorld) {
  this.rescanned = await this.transcripts.rescan()
})

Then('{int} secrets of the kind {string} were hidden now', function (this: HansardWorld, count: number, kind: string) {
  assert.deepEqual(this.rescanned?.redactions, { [kind]: count })
})

Then('no secret was hidden now', function (this: HansardWorld) {
  assert.deepEqual([this.rescanned?.redactions, this.rescanned?.transcripts], [{}, []])
})

Then('a dry run of the redaction reports what a run then reports', async function (this: HansardWorld) {
  const before = await allEvents(this, 'claude:login')
  const promised = await this.transcripts.rescan({ dryRun: true })
  assert.deepEqual(await allEvents(this, 'claude:login'), before)
  assert.ok(promised.transcripts.length > 0)
  assert.deepEqual(await this.transcripts.rescan(), { ...promised, dryRun: false })
})
