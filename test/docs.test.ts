import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Command } from 'commander'
import { errorCodes } from '../src/domain/errors.js'
import { Hansard } from '../src/hansard.js'
import { CommandContext } from '../src/infrastructure/cli/command-context.js'
import { commandLine } from '../src/infrastructure/cli/command-line.js'

const root = resolve(__dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')
const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

describe('docs/errors.md', () => {
  const codesUnder = (heading: string) => matches(section(read('docs/errors.md'), heading), /^\| `([A-Z_]+)` \|/gm)

  for (const [heading, codes] of [
    ['Not found', errorCodes.notFound],
    ['Conflict', errorCodes.conflict],
    ['Invalid input', errorCodes.invalidInput],
    ['Storage', errorCodes.storage],
  ] as const) {
    test(`lists each code of "${heading}", and none that does not exist`, () => {
      assert.deepEqual(codesUnder(heading).sort(), [...codes].sort())
    })
  }

  test('says that no error expires yet, for as long as none does', () => {
    assert.equal(read('docs/errors.md').includes('No code of this kind exists yet.'), errorCodes.expired.length === 0)
  })
})

/** The text below a heading, up to the next one. */
function section(text: string, heading: string): string {
  const [, below = ''] = text.split(new RegExp(`^#+ ${heading.replace(/[()|{}[\]]/g, '\\$&')}$`, 'm'))
  return below.split(/^#/m)[0] ?? ''
}

const program = commandLine(new CommandContext({} as never, process))
const leaves = commandsBelow(program, 'hansard')
const everywhere = ['--database <url>', '--namespace <name>', '--json']

function commandsBelow(command: Command, path: string): Map<string, Command> {
  const below = command.commands.map((child) => [...commandsBelow(child, `${path} ${child.name()}`)])
  return new Map(below.length > 0 ? below.flat() : [[path, command]])
}

const flagsOf = (command: Command) => command.options.map((option) => option.flags)

describe('docs/cli.md', () => {
  const text = read('docs/cli.md')
  const documentedFlags = (heading: string) => matches(section(text, heading), /^- `(-[^`]+)`/gm)

  test('has a section for each command, and for none that does not exist', () => {
    assert.deepEqual(sorted(matches(text, /^### `(hansard [^`]+)`$/gm)), sorted(leaves.keys()))
  })

  for (const [path, command] of leaves) {
    test(`documents the options of ${path}, and no others`, () => {
      const own = flagsOf(command).filter((flags) => !everywhere.includes(flags))
      assert.deepEqual(sorted(documentedFlags(`\`${path}\``)), sorted(own))
    })
  }

  test('documents the options of every command, and no others', () => {
    for (const command of leaves.values()) assert.deepEqual(flagsOf(command).slice(-3), everywhere)
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
  const rows = [...read('docs/surfaces.md').matchAll(/^\| `([\w.]+)` \| (.+?) \| (.*?) ?\|$/gm)]
  const methods = (type: { prototype: object }) =>
    Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor')

  test('has one row for each call of the facade', () => {
    const sessions = matches(read('src/domain/sessions/session-service.ts'), /^ {2}abstract (\w+)\(/gm)
    const migrations = matches(
      between(read('src/open-hansard.ts'), 'export interface Migrations {', '\n}'),
      /^ {2}(\w+)\(/gm,
    )
    const calls = [
      ...sessions.map((name) => `sessions.${name}`),
      ...methods(Hansard).map((name) => `hansard.${name}`),
      ...migrations.map((name) => `migrations.${name}`),
    ]
    assert.deepEqual(rows.map(([, call]) => call).sort(), calls.sort())
  })

  test('names each command, and none that does not exist', () => {
    assert.deepEqual(
      sorted(rows.flatMap(([, , commands = '']) => matches(commands, /`([^`]+)`/g))),
      sorted(leaves.keys()),
    )
  })

  test('says why where a call has no command', () => {
    for (const [, call, command, remark] of rows) assert.ok(command !== 'none' || remark, call)
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

  test('docs/library.md has a section for each call', () => {
    const headings = matches(read('docs/library.md'), /^### (.+)$/gm).join('\n')
    const named = rows.map(([, call = '']) => call).filter((call) => !call.startsWith('migrations.'))
    for (const call of named) assert.ok(headings.includes(`${call.replace('sessions.', '')}(`), call)
  })
})

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start) + start.length
  return text.slice(from, text.indexOf(end, from))
}

describe('docs/database_schema.md', () => {
  const text = read('docs/database_schema.md')
  const migrations = files('migrations', '.ts').filter((file) => /\d{13}/.test(file))

  test('documents each column of each table, in order, and no others', () => {
    for (const migration of migrations) {
      const { up } = stepsOf(migration)
      for (const [, table = '', body = ''] of up.join('\n;').matchAll(/create table "(\w+)" \(([^;]+)\)/g)) {
        const columns = matches(body, /^\s*(\w+) (?:varchar|text|integer|bigint)/gm)
        assert.deepEqual(matches(section(text, `\`${table}\``), /^\| `(\w+)` \|/gm), columns, table)
      }
    }
  })

  test('names each constraint and index, and none that does not exist', () => {
    const sql = migrations.flatMap((migration) => stepsOf(migration).up).join('\n')
    const pattern = /\b((?:pk|uq|ck|fk|ix)_\w+)/g
    assert.deepEqual(sorted(matches(text, pattern)), sorted(matches(sql, pattern)))
  })

  test('lists the migration chain', () => {
    assert.deepEqual(matches(section(text, 'Migration chain'), /\| `(migrations\/[^`]+)` \|/g), migrations.sort())
  })
})

function stepsOf(migration: string): { up: string[] } {
  const [step] = Object.values(
    require(join(root, migration)) as Record<
      string,
      (names: object) => new () => { sql: { sqlite: { up: string[] } } }
    >,
  )
  const quoted = (name: string) => `"${name}"`
  assert.ok(step)
  return new (step({ table: quoted, name: quoted }))().sql.sqlite
}

describe('TypeScript in the docs', () => {
  let folder: string
  const blocks = ['README.md', 'docs/getting-started.md', 'docs/library.md', 'docs/errors.md'].flatMap((page) =>
    matches(read(page), /^```ts\n([\s\S]*?)^```$/gm).map((source, index) => ({ page, index, source })),
  )

  before(() => {
    mkdirSync(join(root, '.hansard'), { recursive: true })
    folder = mkdtempSync(join(root, '.hansard', 'docs-'))
    const compilerOptions = { rootDir: '../..', paths: { hansard: ['../../index.ts'] } }
    const include = ['.', '../../index.ts', '../../src', '../../migrations']
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include }),
    )
    writeFileSync(join(folder, 'given.d.ts'), given)
    for (const { page, index, source } of blocks) {
      writeFileSync(join(folder, `${page.replace(/\W/g, '-')}-${index}.mts`), `${source}\nexport {}\n`)
    }
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  test('compiles', () => {
    const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['--project', folder, '--noEmit'], {
      encoding: 'utf8',
    })
    // The rest of the program is checked by lint; here only what the pages show.
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.includes('.hansard/docs-')),
      [],
    )
  })

  test('of the README runs, and prints what it says', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'hansard-readme-'))
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') }
    const file = join(folder, 'readme.ts')
    writeFileSync(file, insideFunction(blocks.find(({ page }) => page === 'README.md')?.source ?? ''))
    const printed = matches(blocks.find(({ page }) => page === 'README.md')?.source ?? '', /\/\/ prints (.+)$/gm)
    try {
      const output = execFileSync(process.execPath, ['-r', require.resolve('tsx/cjs'), file], {
        cwd,
        env,
        encoding: 'utf8',
      })
      assert.deepEqual(output.trimEnd().split('\n'), printed)
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
})

/** The same program as CommonJS, which knows no await at the top. */
function insideFunction(source: string): string {
  const imports = matches(source, /^(import .+)$/gm)
  const rest = source.replace(/^import .+$/gm, '')
  return `${imports.join('\n')}\nvoid (async () => {\n${rest}\n})()\n`
}

/** What a block that does not say where a value comes from may take for granted. */
const given = `import type { EntityManager } from 'typeorm'
import type { Hansard, Session } from 'hansard'
declare global {
  const hansard: Hansard<EntityManager>
  const session: Session
  const id: string
}
`

describe('the command line session of the README', () => {
  const [transcript = ''] = matches(read('README.md'), /^```console\n([\s\S]*?)^```$/gm)
  const steps = transcript
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...output] = step.trimEnd().split('\n')
      return { command, output: output.join('\n') }
    })
  const cwd = mkdtempSync(join(tmpdir(), 'hansard-console-'))
  const actualIds = new Map<string, string>()
  const ulid = /\b01[0-9A-HJKMNP-TV-Z]{24}\b/g
  const instants = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g

  after(() => rmSync(cwd, { recursive: true, force: true }))

  for (const { command, output } of steps) {
    test(`$ ${command}`, () => {
      const line = command.replace(ulid, (id) => actualIds.get(id) ?? id)
      const actual = shell(line, cwd).trimEnd()
      const ids = matches(actual, new RegExp(`(${ulid.source})`, 'g'))
      for (const [index, id] of matches(output, new RegExp(`(${ulid.source})`, 'g')).entries())
        actualIds.set(id, ids[index] ?? '')
      const expected = output.replace(ulid, (id) => actualIds.get(id) ?? id)
      assert.equal(actual.replace(instants, 'then'), expected.replace(instants, 'then'))
    })
  }
})

function shell(line: string, cwd: string): string {
  const shim = `hansard() { "${process.execPath}" -r "${require.resolve('tsx/cjs')}" "${join(root, 'src', 'bin.ts')}" "$@"; }`
  const env = {
    ...process.env,
    TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
    HANSARD_DATABASE: 'sqlite:./hansard.db',
    NO_COLOR: '1',
  }
  return execFileSync('/bin/sh', ['-c', `${shim}\n${line}`], { cwd, env, encoding: 'utf8' })
}
