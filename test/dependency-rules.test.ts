import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'

/** One file of a planted tree, and the rules that its imports break; none when they are legal. */
type Planted = [file: string, source: string, ...rules: string[]]

const packages = ['ulid', 'class-validator', 'canonicalize', 'typeorm', 'pg', 'better-sqlite3', 'sqlite3', 'commander']
const planted: Planted[] = [
  [
    'src/domain/sessions/session.ts',
    "import 'ulid'\nimport 'class-validator'\nimport 'canonicalize'\nimport 'node:crypto'",
  ],
  ['src/domain/sessions/cart.ts', "import './session.js'\nimport '../errors.js'"],
  ['src/domain/errors.ts', 'export type E = 1'],
  ['src/domain/contexts/context.ts', 'export type C = 1'],
  ['src/domain/upward.ts', "import '../application/sessions/service.js'", 'domain-imports-nothing-outward'],
  [
    'src/domain/outward.ts',
    "import type { T } from '../infrastructure/database/dialect.js'",
    'domain-imports-nothing-outward',
  ],
  [
    'src/domain/inline.ts',
    "import { type T } from '../infrastructure/database/dialect.js'",
    'domain-imports-nothing-outward',
  ],
  [
    'src/domain/reexport.ts',
    "export type { T } from '../infrastructure/database/dialect.js'",
    'domain-imports-nothing-outward',
  ],
  [
    'src/domain/lazy.ts',
    "export const f = () => import('../infrastructure/database/dialect.js')",
    'domain-imports-nothing-outward',
  ],
  [
    'src/domain/required.ts',
    "export const x = require('../infrastructure/database/dialect.js')",
    'domain-imports-nothing-outward',
  ],
  ['src/domain/io.ts', "import 'node:fs'", 'domain-imports-nothing-outward'],
  ['src/domain/library.ts', "import 'commander'", 'domain-imports-nothing-outward'],
  ['src/domain/orm.ts', "import type { X } from 'typeorm'", 'core-is-orm-free', 'domain-imports-nothing-outward'],
  [
    'src/application/sessions/service.ts',
    "import '../../domain/sessions/session.js'\nimport 'class-validator'\nimport 'node:fs'",
  ],
  [
    'src/application/outward.ts',
    "import type { T } from '../infrastructure/database/dialect.js'",
    'application-imports-only-domain',
  ],
  ['src/application/library.ts', "import 'commander'", 'application-imports-only-domain'],
  [
    'src/application/driver.ts',
    "import type { Client } from 'pg'",
    'application-imports-only-domain',
    'core-is-orm-free',
  ],
  ['src/application/driver-2.ts', "import 'better-sqlite3'", 'application-imports-only-domain', 'core-is-orm-free'],
  ['src/hansard.ts', "import './application/sessions/service.js'", 'facade-knows-only-the-domain'],
  ['src/infrastructure/database/dialect.ts', "import 'typeorm'\nexport type T = 1"],
  [
    'src/infrastructure/cli/good.ts',
    "import 'commander'\nimport type {} from '../../hansard.js'\nimport '../../domain/errors.js'",
  ],
  ['src/infrastructure/cli/storage.ts', "import type { T } from '../database/dialect.js'", 'edges-use-the-facade'],
  ['src/infrastructure/http/service.ts', "import '../../application/sessions/service.js'", 'edges-use-the-facade'],
  [
    'src/infrastructure/adapters/wiring.ts',
    "import '../../open-hansard.js'",
    'edges-use-the-facade',
    'only-open-hansard-wires',
  ],
  ['src/domain/sessions/mixed.ts', "import type { C } from '../contexts/context.js'", 'capabilities-do-not-mix'],
  ['src/application/sessions/mixed.ts', "import '../../domain/contexts/context.js'", 'capabilities-do-not-mix'],
  [
    'src/infrastructure/database/sessions/mixed.ts',
    "import '../../../domain/contexts/context.js'",
    'capabilities-do-not-mix',
  ],
  ['src/open-hansard.ts', "import './application/sessions/service.js'\nimport './infrastructure/database/dialect.js'"],
  ['src/index.ts', "import './open-hansard.js'"],
  ['src/bin.ts', "import './open-hansard.js'"],
  ['src/infrastructure/database/wiring.ts', "import type {} from '../../open-hansard.js'", 'only-open-hansard-wires'],
  ['src/infrastructure/database/tested.ts', "import '../../../test/fixture.js'", 'sources-do-not-import-tests'],
  ['test/fixture.ts', "import '../src/index.js'"],
  ['src/infrastructure/database/egg.ts', "import type { H } from './hen.js'\nexport type E = H", 'no-circular'],
  // A cycle is reported once, at the file that the walk came upon first.
  ['src/infrastructure/database/hen.ts', "import type { E } from './egg.js'\nexport type H = E"],
  ['src/infrastructure/database/lost.ts', "import './nowhere.js'", 'no-unresolvable'],
  ['migrations/one.ts', "import '../src/index.js'", 'only-open-hansard-wires'],
]

const root = resolve(__dirname, '..')
const config = join(root, '.dependency-cruiser.cjs')
let folder: string
let found: Map<string, string[]>

function plant(path: string, source: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), `${source}\nexport {}\n`)
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hansard-rules-'))
  plant(
    'package.json',
    JSON.stringify({ name: 'planted', dependencies: Object.fromEntries(packages.map((p) => [p, '*'])) }),
  )
  writeFileSync(join(folder, 'package.json'), readFileSync(join(folder, 'package.json'), 'utf8').split('\n')[0] ?? '')
  for (const name of packages) plant(`node_modules/${name}/index.js`, '')
  for (const [file, source] of planted) plant(file, source)
  found = violations(folder)
})

after(() => rmSync(folder, { recursive: true, force: true }))

/** The rules broken, sorted, by the file that breaks them. */
function violations(cwd: string): Map<string, string[]> {
  const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const args = [cruiser, '--config', config, '--output-type', 'json', 'src', 'migrations']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 })
  assert.ok(stdout, stderr)
  const report = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } }
  const byFile = new Map<string, Set<string>>()
  for (const { from, rule } of report.summary.violations)
    byFile.set(from, (byFile.get(from) ?? new Set()).add(rule.name))
  return new Map([...byFile].map(([file, rules]) => [file, [...rules].sort()]))
}

for (const [file, , ...rules] of planted) {
  const verdict = rules.length > 0 ? `breaks ${rules.join(' and ')}` : 'is legal'
  test(`the import in ${file} ${verdict}`, () => assert.deepEqual(found.get(file) ?? [], rules))
}

test('every rule is proved by a planted violation', () => {
  const { forbidden } = require(config) as { forbidden: { name: string }[] }
  const proved = new Set(planted.flatMap(([, , ...rules]) => rules))
  assert.deepEqual(forbidden.map(({ name }) => name).sort(), [...proved].sort())
})

test('import types, which the cruiser cannot see, are refused by the linter', () => {
  plant(
    'src/domain/import-type.ts',
    "export type X = import('typeorm').DataSource\nexport type Y = typeof import('pg')",
  )
  const linter = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const checker = join(root, 'node_modules', '.bin', 'tsgolint')
  const args = [linter, '--config', join(root, '.oxlintrc.json'), 'src/domain/import-type.ts']
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, OXLINT_TSGOLINT_PATH: checker },
  })
  assert.equal(stdout.match(/`import\(\)` type annotations are forbidden/g)?.length, 2, stdout)
})

/** The few files that may ask which database they are on: where it is opened, and where steps show both sides. */
const mayCompareDatabases = [
  'migrations/migration-sql.ts',
  'src/infrastructure/database/data-source.ts',
  'src/infrastructure/database/migrations.ts',
  'src/infrastructure/database/store.ts',
  'src/open-options.ts',
]
const comparison =
  /(?:[=!]==?|\bcase)\s*['"`](?:sqlite3?|better-sqlite3|postgres)['"`]|['"`](?:sqlite3?|better-sqlite3|postgres)['"`]\s*[=!]==?/

test('the database is compared by name only where it is opened or migrated', () => {
  const sources = ['src', 'migrations'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((file) => `${top}/${file}`),
  )
  const comparing = sources.filter(
    (file) => file.endsWith('.ts') && comparison.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(
    comparing.filter((file) => !mayCompareDatabases.includes(file)),
    [],
  )
})

test('a planted comparison of the database by name is seen', () => {
  for (const line of ["if (type === 'postgres') {}", "case 'sqlite':", "'better-sqlite3' !== type"])
    assert.match(line, comparison)
  assert.doesNotMatch("throw driverMissing('Postgres', 'pg')", comparison)
})
