import assert from 'node:assert/strict'
import { type DataTable, Then, When } from '@cucumber/cucumber'
import type { ActivityEvent, EventKind, Page, RecentEventsOptions, RelatedSubject } from '../../src/index.js'
import { described, describedRelation, timeOf } from '../support/activity.js'
import type { HansardWorld } from '../support/world.js'

Then('recent activity with {string} is {string}', async function (this: HansardWorld, filter: string, events: string) {
  const { items } = await this.activity.recent(JSON.parse(filter) as RecentEventsOptions)
  assert.equal(items.map(described).join(', '), events)
})

When('recent activity of the kind {string} is asked for', async function (this: HansardWorld, kind: EventKind) {
  await this.attempt(() => this.activity.recent({ kind }))
})

async function pageThrough(
  world: HansardWorld,
  read: (cursor?: string) => Promise<Page<ActivityEvent>>,
): Promise<void> {
  world.listedEvents = []
  let page: Page<ActivityEvent> | undefined = await read()
  while (page) {
    world.listedEvents.push(...page.items)
    const cursor: string | null = page.nextCursor
    page = cursor === null ? undefined : await world.attempt(() => read(cursor))
  }
}

When('recent activity is paged through by {int}', function (this: HansardWorld, limit: number) {
  return pageThrough(this, (cursor) => this.activity.recent({ limit, cursor }))
})

When('recent activity is paged through by {int}, going on with one kind', function (this: HansardWorld, limit: number) {
  return pageThrough(this, (cursor) => this.activity.recent({ limit, cursor, kind: cursor ? 'loop' : undefined }))
})

When(
  'what is related to {string} is paged through by {int}',
  function (this: HansardWorld, path: string, limit: number) {
    return pageThrough(this, (cursor) => this.activity.related({ path }, { limit, cursor }))
  },
)

Then('the pages showed {int} events, each once', function (this: HansardWorld, count: number) {
  assert.equal(this.listedEvents.length, count)
  assert.equal(new Set(this.listedEvents.map(({ id }) => id)).size, count)
})

When('what is related to {string} is asked for', async function (this: HansardWorld, subject: string) {
  await this.attempt(() => this.activity.related(JSON.parse(subject) as RelatedSubject))
})

Then(
  'the activity related to {string} is {string}',
  async function (this: HansardWorld, subject: string, events: string) {
    const { items } = await this.activity.related(JSON.parse(subject) as RelatedSubject)
    assert.equal(items.map(describedRelation).join(', '), events)
  },
)

Then(
  '{int} events are related to the loop {string}, {int} of them directly',
  async function (this: HansardWorld, count: number, loop: string, direct: number) {
    const { items } = await this.activity.related({ loop })
    assert.deepEqual([items.length, items.filter(({ relation }) => relation === 'direct').length], [count, direct])
  },
)

Then(
  'the loops that failed on issues touching {string} are:',
  async function (this: HansardWorld, path: string, table: DataTable) {
    const loops = await this.activity.failedLoops({ path })
    const rows = loops.map((loop) => [loop.name, loop.issueId, loop.failures, loop.lastState, timeOf(loop.lastAt)])
    assert.deepEqual(
      rows.map((row) => row.map(String)),
      table.rows(),
    )
  },
)

Then('no loop failed on issues touching {string}', async function (this: HansardWorld, path: string) {
  assert.deepEqual(await this.activity.failedLoops({ path }), [])
})

Then('the history of the issue {string} is {string}', async function (this: HansardWorld, id: string, events: string) {
  const { items } = await this.activity.issueHistory(id)
  assert.equal(items.map(described).join(', '), events)
})

async function assertFailing(world: HansardWorld, table: DataTable, projectId?: string): Promise<void> {
  const tools = await world.activity.failingTools({ projectId })
  const rows = tools.map((tool) => [
    ...[tool.name, tool.projectId, tool.path ?? ''],
    ...[tool.calls, tool.failures, tool.failureRate],
  ])
  assert.deepEqual(
    rows.map((row) => row.map(String)),
    table.rows(),
  )
}

Then('the tools that fail are:', function (this: HansardWorld, table: DataTable) {
  return assertFailing(this, table)
})

Then('the tools that fail in {string} are:', function (this: HansardWorld, projectId: string, table: DataTable) {
  return assertFailing(this, table, projectId)
})
