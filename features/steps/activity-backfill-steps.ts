import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { ActivityEvent, BackfillOptions } from '../../src/index.js'
import type { HansardWorld } from '../support/world.js'

/** Where the scenario keeps what its backfills read. */
function placeOf(world: HansardWorld, name: string): string {
  if (world.sources === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'hansard-sources-'))
    world.afterwards(async () => rmSync(folder, { recursive: true, force: true }))
    world.sources = folder
  }
  const place = join(world.sources, name)
  mkdirSync(dirname(place), { recursive: true })
  return place
}

const folders = { issue: 'issues', loop: 'loops', transcript: 'transcripts' } as const

for (const [thing, words] of [
  ['issue', 'issue file'],
  ['loop', 'loop file'],
  ['transcript', 'transcript'],
] as const) {
  Given(`the ${words} {string}:`, function (this: HansardWorld, name: string, text: string) {
    writeFileSync(placeOf(this, `${folders[thing]}/${name}`), `${text}\n`)
  })

  Given(`the ${words} {string} was moved to {string}`, function (this: HansardWorld, from: string, to: string) {
    renameSync(placeOf(this, `${folders[thing]}/${from}`), placeOf(this, `${folders[thing]}/${to}`))
  })
}

async function backfill(world: HansardWorld, options: BackfillOptions): Promise<void> {
  world.backfilled = await world.attempt(() => world.activity.backfill(options))
}

const allOf = (world: HansardWorld): BackfillOptions => ({
  issuesDir: placeOf(world, 'issues'),
  loopsDir: placeOf(world, 'loops'),
  transcripts: [placeOf(world, 'transcripts')],
})

When('a backfill is/was run', function (this: HansardWorld) {
  return backfill(this, allOf(this))
})

When('a backfill is run without the folder of loops', function (this: HansardWorld) {
  return backfill(this, { ...allOf(this), loopsDir: placeOf(this, 'no such folder') })
})

When('a backfill is run of nothing', function (this: HansardWorld) {
  return backfill(this, {})
})

Then('the backfill reports:', function (this: HansardWorld, table: DataTable) {
  const { inserted, updated, skipped, failed } = this.backfilled ?? {}
  assert.deepEqual([inserted, updated, skipped, failed].map(String), table.rows()[0])
})

Then(
  'the backfill found the issues {string}, the loops {string} and the transcripts {string}',
  function (this: HansardWorld, ofIssues: string, ofLoops: string, ofTranscripts: string) {
    const { issues, loops, transcripts } = this.backfilled?.sources ?? {}
    assert.deepEqual([issues?.status, loops?.status, transcripts?.status], [ofIssues, ofLoops, ofTranscripts])
  },
)

const rowOf = ({ kind, ts, issueId, name, state, failed }: ActivityEvent) => ({
  kind,
  at: ts.toISOString().replace('.000Z', 'Z'),
  of: name ?? issueId,
  state,
  failed: failed ? 'yes' : 'no',
})

Then('what the backfill recorded is:', async function (this: HansardWorld, table: DataTable) {
  assert.deepEqual((await this.activity.recent()).items.map(rowOf), table.hashes())
})

Then('the backfills recorded {int} events', async function (this: HansardWorld, count: number) {
  assert.equal((await this.activity.recent({ limit: 1000 })).items.length, count)
})

Then('the states of issue {string} were {string}', async function (this: HansardWorld, id: string, states: string) {
  const { items } = await this.activity.issueHistory(id)
  const issues = items.filter(({ kind }) => kind === 'issue')
  assert.equal(issues.map(({ state }) => state).join(', '), states)
})

Then('these were rejected:', async function (this: HansardWorld, table: DataTable) {
  const { items } = await this.activity.rejects()
  const because = (reason: string) => table.hashes().find((row) => reason.startsWith(row.because ?? ''))?.because
  const rows = items.map(({ path, place, reason }) => ({ file: basename(path), place, because: because(reason) }))
  assert.deepEqual(
    rows.sort((one, other) => one.file.localeCompare(other.file)),
    table.hashes(),
  )
})

Then('no source has a reject', async function (this: HansardWorld) {
  assert.deepEqual((await this.activity.rejects()).items, [])
})
