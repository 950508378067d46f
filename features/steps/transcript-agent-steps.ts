import { type DataTable, defineParameterType, Given, When } from '@cucumber/cucumber'
import { agentsOf, linesOf } from '../support/transcripts.js'
import type { HansardWorld } from '../support/world.js'

const mebibyte = 1024 * 1024

interface Place {
  project: string
  on: string
}

/** Every session begins at nine in the morning. */
function write(world: HansardWorld, [agent, id]: [string, string], table: DataTable, { project, on }: Place): void {
  agentsOf(world).write(agent, { id, project, startedAt: new Date(`${on}T09:00:00Z`), lines: linesOf(table) })
}

Given('the {word} session {string}:', function (this: HansardWorld, agent: string, id: string, table: DataTable) {
  write(this, [agent, id], table, { project: 'shop', on: '2026-01-05' })
})

defineParameterType({
  name: 'place',
  regexp: /of "[^"]+" on \d{4}-\d\d-\d\d/,
  transformer: (text): Place => {
    const [, project = '', on = ''] = /of "(.+)" on (.+)/.exec(text) ?? []
    return { project, on }
  },
})

Given(
  'the {word} session {string} {place}:',
  function (this: HansardWorld, agent: string, id: string, place: Place, table: DataTable) {
    write(this, [agent, id], table, place)
  },
)

Given('{string} went on:', function (this: HansardWorld, name: string, table: DataTable) {
  agentsOf(this).goOn(name, linesOf(table))
})

Given('{string} went on with an answer of {int} letters', function (this: HansardWorld, name: string, count: number) {
  agentsOf(this).goOn(name, [['answers', 'a'.repeat(count)]])
})

Given('{string} was rewritten:', function (this: HansardWorld, name: string, table: DataTable) {
  agentsOf(this).rewrite(name, linesOf(table))
})

Given(
  'the file of {string} is now the {word} session {string}:',
  function (this: HansardWorld, name: string, agent: string, id: string, table: DataTable) {
    const startedAt = new Date('2026-01-05T09:00:00Z')
    agentsOf(this).overwrite(name, agent, { id, project: 'shop', startedAt, lines: linesOf(table) })
  },
)

Given('{string} was resumed as {string}:', function (this: HansardWorld, name: string, id: string, table: DataTable) {
  agentsOf(this).resume(name, id, linesOf(table))
})

Given('{string} was forked as {string}:', function (this: HansardWorld, name: string, id: string, table: DataTable) {
  agentsOf(this).fork(name, id, linesOf(table))
})

Given('the file of {string} was copied', function (this: HansardWorld, name: string) {
  agentsOf(this).copy(name)
})

Given('the file of {string} was moved', function (this: HansardWorld, name: string) {
  agentsOf(this).move(name)
})

Given('the file of {string} was deleted', function (this: HansardWorld, name: string) {
  agentsOf(this).remove(name)
})

Given('the file of {string} holds nonsense of the same size and time', function (this: HansardWorld, name: string) {
  agentsOf(this).spoil(name)
})

Given('the last line of {string} is half written', function (this: HansardWorld, name: string) {
  agentsOf(this).tearLastLine(name)
})

When('the last line of {string} is written to its end', function (this: HansardWorld, name: string) {
  agentsOf(this).writeLastLineToItsEnd(name)
})

Given(
  '{string} has a line of {int} MiB, and went on:',
  function (this: HansardWorld, name: string, size: number, table: DataTable) {
    const record = JSON.stringify({ type: 'user', sessionId: name, message: { role: 'user', content: '' } })
    agentsOf(this).append(
      name,
      record.replace('""', `"${'x'.repeat(size * mebibyte - record.length)}"`),
      linesOf(table),
    )
  },
)

Given(
  '{string} has the line {string}, and went on:',
  function (this: HansardWorld, name: string, line: string, table: DataTable) {
    agentsOf(this).append(name, line, linesOf(table))
  },
)

Given(
  '{string} tells its last response again, with {int} output token',
  function (this: HansardWorld, name: string, outputTokens: number) {
    agentsOf(this).repeatLastRecord(name, outputTokens)
  },
)
