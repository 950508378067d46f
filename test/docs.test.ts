import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import type { Command } from 'commander'
import fastify from 'fastify'
import { defaultActivityLimits } from '../src/application/activity/activity-limits.js'
import { defaultContextLimits } from '../src/application/contexts/context-limits.js'
import { declarations } from '../src/domain/activity/event-kinds.js'
import { errorCodes } from '../src/domain/errors.js'
import { redactionRules } from '../src/domain/redaction-rules.js'
import { transcriptEventKinds } from '../src/domain/transcripts/transcript-event.js'
import { Hansard } from '../src/hansard.js'
import * as library from '../src/index.js'
import { CommandContext } from '../src/infrastructure/cli/command-context.js'
import { commandLine } from '../src/infrastructure/cli/command-line.js'
import { hansardFastify } from '../src/infrastructure/http/hansard-fastify.js'
import { serviceCodes, statusByCode } from '../src/infrastructure/http/problem.js'

const root = resolve(__dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')
const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

describe('docs/errors.md', () => {
  const codesUnder = (heading: string) => matches(section(read('docs/errors.md'), heading), /^\| `([A-Z_]+)` \|/gm)

  for (const [heading, codes] of [
    ['Not found', errorCodes.notFound],
    ['Expired', errorCodes.expired],
    ['Conflict', errorCodes.conflict],
    ['Invalid input', errorCodes.invalidInput],
    ['Storage', errorCodes.storage],
    ['The HTTP service', serviceCodes],
  ] as const) {
    test(`lists each code of "${heading}", and none that does not exist`, () => {
      assert.deepEqual(codesUnder(heading).sort(), [...codes].sort())
    })
  }

  test('gives each code the status that the service answers with', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)]
    assert.deepEqual(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)])), statusByCode)
  })
})

/** The text below a heading, up to the next one. */
function section(text: string, heading: string): string {
  const [, below = ''] = text.split(new RegExp(`^#+ ${heading.replace(/[()|{}[\]]/g, '\\$&')}$`, 'm'))
  return below.split(/^#/m)[0] ?? ''
}

const program = commandLine(new CommandContext({} as never, process))
const leaves = commandsBelow(program, 'hansard')
const everywhere = ['--database <url>', '--namespace <name>', '--schema <name>', '--table-prefix <prefix>', '--json']

function commandsBelow(command: Command, path: string): Map<string, Command> {
  const below = command.commands.map((child) => [...commandsBelow(child, `${path} ${child.name()}`)])
  // With arguments of its own a command is one beside those below it, as `search` is.
  const isCommand = below.length === 0 || command.registeredArguments.length > 0
  return new Map([...(isCommand ? [[path, command] as const] : []), ...below.flat()])
}

/** A command as its heading shows it, arguments included. */
const titleOf = (path: string, command: Command) =>
  [path, ...command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`))].join(
    ' ',
  )

const flagsOf = (command: Command) => command.options.map((option) => option.flags)

describe('docs/cli.md', () => {
  const text = read('docs/cli.md')
  const documentedFlags = (heading: string) => matches(section(text, heading), /^- `(-[^`]+)`/gm)

  test('has a section for each command, and for none that does not exist', () => {
    assert.deepEqual(
      sorted(matches(text, /^### `(hansard [^`]+)`$/gm)),
      sorted([...leaves].map(([path, command]) => titleOf(path, command))),
    )
  })

  for (const [path, command] of leaves) {
    test(`documents the options of ${path}, and no others`, () => {
      const own = flagsOf(command).filter((flags) => !everywhere.includes(flags))
      assert.deepEqual(sorted(documentedFlags(`\`${titleOf(path, command)}\``)), sorted(own))
    })
  }

  test('documents the options of every command, and no others', () => {
    for (const command of leaves.values()) assert.deepEqual(flagsOf(command).slice(-everywhere.length), everywhere)
    const shared = [...flagsOf(program), '-h, --help']
    assert.deepEqual(sorted(documentedFlags('Options of every command')), sorted(shared))
  })
})

describe('environment variables', () => {
  const sources = ['src', 'scripts'].flatMap((folder) => files(folder, '.ts'))
  const variables = /\benv\.((?:HANSARD|TEST|NO)_[A-Z_]+)/g
  const readBy = (prefix: string) =>
    sorted(sources.filter((file) => file.startsWith(prefix)).flatMap((file) => matches(read(file), variables)))

  test('docs/cli.md documents each that the package reads, and no others', () => {
    assert.deepEqual(
      sorted(matches(section(read('docs/cli.md'), 'Environment'), /^\| `([A-Z_]+)` \|/gm)),
      readBy('src/'),
    )
  })

  test('no page names one that nothing reads', () => {
    const pages = [...files('docs', '.md'), 'README.md', 'CONTRIBUTING.md', 'SECURITY.md']
    const named = pages.flatMap((page) => matches(read(page), /\b(HANSARD_[A-Z_]+|TEST_DATABASE_[A-Z_]+)\b/g))
    const known = [...readBy('src/'), ...readBy('scripts/')]
    assert.deepEqual(sorted(named.filter((name) => !known.includes(name))), [])
  })

  test('CONTRIBUTING.md documents each that the tests read', () => {
    for (const name of readBy('scripts/')) assert.ok(read('CONTRIBUTING.md').includes(`\`${name}=`), name)
  })
})

function files(folder: string, ending: string): string[] {
  const all = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return all.filter((file) => file.endsWith(ending)).map((file) => join(folder, file))
}

describe('docs/surfaces.md', () => {
  const rows = [...read('docs/surfaces.md').matchAll(/^\| `([\w.]+)` \| (.+?) \| (.+?) \| (.*?) ?\|$/gm)]
  const methods = (type: { prototype: object }) =>
    Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor')

  test('has one row for each call of the facade', () => {
    const sessions = matches(read('src/domain/sessions/session-service.ts'), /^ {2}abstract (\w+)\(/gm)
    const contexts = matches(read('src/domain/contexts/context-service.ts'), /^ {2}abstract (\w+)\(/gm)
    const activity = matches(read('src/domain/activity/activity-service.ts'), /^ {2}abstract (\w+)\(/gm)
    const transcripts = matches(read('src/domain/transcripts/transcript-service.ts'), /^ {2}abstract (\w+)\(/gm)
    const migrations = matches(
      between(read('src/open-hansard.ts'), 'export interface Migrations {', '\n}'),
      /^ {2}(\w+)\(/gm,
    )
    const calls = [
      ...sessions.map((name) => `sessions.${name}`),
      ...contexts.map((name) => `contexts.${name}`),
      ...activity.map((name) => `activity.${name}`),
      ...transcripts.map((name) => `transcripts.${name}`),
      ...methods(Hansard).map((name) => `hansard.${name}`),
      ...migrations.map((name) => `migrations.${name}`),
    ]
    assert.deepEqual(sorted(rows.map(([, call = '']) => call)), sorted(calls))
    assert.equal(rows.length, calls.length)
  })

  test('names each command, and none that does not exist', () => {
    assert.deepEqual(
      // `serve` is no call: it opens the surface of the next column.
      sorted([...rows.flatMap(([, , commands = '']) => matches(commands, /`([^`]+)`/g)), 'hansard serve']),
      sorted(leaves.keys()),
    )
  })

  test('says why where a call has no command', () => {
    for (const [, call, command, , remark] of rows) assert.ok(command !== 'none' || remark, call)
  })

  test('names each route, and none that does not exist, and says why where a call has none', async () => {
    const named = rows.flatMap(([, , , routes = '']) => matches(routes, /`([^`]+)`/g))
    assert.deepEqual(sorted(named), sorted(await routes()))
    for (const [, call, , route, remark] of rows) assert.ok(route !== 'none' || remark, call)
  })

  test('docs/http.md has a row for each route, and for none that does not exist', async () => {
    const documented = matches(section(read('docs/http.md'), 'Routes'), /^\| `([A-Z]+ [^`]+)` \|/gm)
    assert.deepEqual(sorted(documented), sorted([...(await routes()), 'GET /openapi.json']))
  })

  test('docs/library.md lists each problem that verify reports, and no others', () => {
    const type = between(
      read('src/domain/sessions/session-service.ts'),
      'export interface VerifyProblem {',
      'sequence:',
    )
    assert.deepEqual(
      sorted(matches(read('docs/library.md'), /^\| `([A-Z_]+)` \|/gm)),
      sorted(matches(type, /'([A-Z_]+)'/g)),
    )
  })

  const headingsOf = (page: string) => matches(read(page), /^### (.+)$/gm).join('\n')
  const calls = rows.map(([, call = '']) => call)

  test('docs/library.md has a section for each call, and each capability has a page of its own', () => {
    const elsewhere = /^(migrations|contexts|activity|transcripts)\./
    for (const call of calls.filter((each) => !elsewhere.test(each)))
      assert.ok(headingsOf('docs/library.md').includes(`${call.replace('sessions.', '')}(`), call)
    for (const capability of ['contexts', 'activity', 'transcripts'])
      for (const call of calls.filter((each) => each.startsWith(`${capability}.`)))
        assert.ok(headingsOf(`docs/${capability}.md`).includes(`\`${call.replace(`${capability}.`, '')}(`), call)
  })

  for (const [page, limits] of [
    ['docs/contexts.md', defaultContextLimits],
    ['docs/activity.md', defaultActivityLimits],
  ] as const) {
    test(`${page} names each limit, and none that does not exist`, () => {
      assert.deepEqual(
        sorted(matches(section(read(page), 'Limits'), /^\| `limits\.(\w+)` \|/gm)),
        sorted(Object.keys(limits)),
      )
    })
  }
})

test('docs/activity.md shows the kinds of events as the registry has them, and the fields of each', () => {
  const rows = declarations().flatMap(({ kind, summary, requires, payload }) => [
    [`\`${kind}\``, summary, requires.map((name) => `\`${name}\``).join(', ')],
    ...payload.map(({ name, type, meaning }) => [`\`${kind}\``, `\`${name}\``, type, meaning]),
  ])
  const shown = matches(section(read('docs/activity.md'), 'Kinds'), /^(\| `.+)$/gm)
  assert.deepEqual(sorted(shown), sorted(rows.map((cells) => `| ${cells.join(' | ')} |`)))
})

test('docs/transcripts.md names each kind of event, each outcome and each kind of secret, and no others', () => {
  const text = read('docs/transcripts.md')
  const rowsOf = (heading: string) => sorted(matches(section(text, heading), /^\| `([\w-]+)` \|/gm))
  assert.deepEqual(rowsOf('Kinds'), sorted(transcriptEventKinds))
  assert.deepEqual(
    rowsOf('How it ended'),
    sorted(
      matches(
        between(read('src/domain/transcripts/outcome.ts'), 'export type OutcomeSource =', 'export interface'),
        /'(\w+)'/g,
      ),
    ),
  )
  assert.deepEqual(rowsOf('Secrets'), sorted(redactionRules.map(({ kind }) => kind)))
})

test('docs/library.md names each export of the root', () => {
  const text = ['docs/library.md', 'docs/errors.md'].map(read).join('\n')
  const names = Object.keys(library)
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
    [],
  )
})

/** From the document that the plugin gives, with parameters as people write them. */
async function routes(): Promise<string[]> {
  const app = fastify()
  await app.register(hansardFastify, { hansard: {} as Hansard })
  const { paths } = (await app.inject('/openapi.json')).json() as { paths: Record<string, object> }
  await app.close()
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start) + start.length
  return text.slice(from, text.indexOf(end, from))
}

describe('docs/operations.md', () => {
  test('documents each metric, and none that does not exist', () => {
    const made = matches(read('src/infrastructure/http/metrics.ts'), /this\.(?:histogram|counter|gauge)\('(\w+)'/g)
    assert.deepEqual(
      sorted(matches(read('docs/operations.md'), /^\| `(hansard_\w+)` \|/gm)),
      sorted(made.map((name) => `hansard_${name}`)),
    )
  })
})

describe('docs/database_schema.md', () => {
  const text = read('docs/database_schema.md')
  const migrations = files('migrations', '.ts').filter((file) => /\d{13}/.test(file))

  test('documents each column of each table, in order, and no others', () => {
    for (const migration of migrations) {
      const { up } = stepsOf(migration)
      for (const [, table = '', body = ''] of up.join('\n;').matchAll(/create table "(\w+)" \(([^;]+)\)/g)) {
        const columns = matches(body, /^\s*(\w+) (?:varchar|text|integer|bigint|double|blob)/gm)
        assert.deepEqual(matches(section(text, `\`${table}\``), /^\| `(\w+)` \|/gm), columns, table)
      }
    }
  })

  test('names each constraint and index, and none that does not exist', () => {
    const sql = migrations
      .flatMap((migration) => (['sqlite', 'postgres'] as const).flatMap((kind) => stepsOf(migration, kind).up))
      .join('\n')
    const pattern = /\b((?:pk|uq|ck|fk|ix)_\w+)/g
    assert.deepEqual(sorted(matches(text, pattern)), sorted(matches(sql, pattern)))
  })

  test('lists the migration chain', () => {
    assert.deepEqual(matches(section(text, 'Migration chain'), /\| `(migrations\/[^`]+)` \|/g), migrations.sort())
  })
})

function stepsOf(migration: string, kind: 'sqlite' | 'postgres' = 'sqlite'): { up: string[] } {
  const [step] = Object.values(
    require(join(root, migration)) as Record<
      string,
      (names: object) => new () => { sql: Record<'sqlite' | 'postgres', { up: string[] }> }
    >,
  )
  const quoted = (name: string) => `"${name}"`
  assert.ok(step)
  return new (step({ table: quoted, name: quoted }))().sql[kind]
}
