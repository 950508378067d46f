import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { withPostgres } from './with-postgres.js'

// Runs the tests on TypeORM 0.3 with each of its drivers; `--short` is the form for CI, `--outsider`
// adds the packed package in a host on TypeORM 0.3.
const drivers = [
  { name: 'sqlite3', profile: 'sqliteLibrary', on: 'sqlite' },
  { name: 'better-sqlite3', profile: 'sqliteLibrary', on: 'sqlite' },
  { name: 'pg', profile: 'postgresLibrary', on: 'postgres' },
]
const tests = {
  short: ['test/host.test.ts'],
  full: ['host', 'migrations', 'follow', 'sqlite-guard', 'storage-errors'].map((name) => `test/${name}.test.ts`),
}

interface Step {
  title: string
  args: string[]
  driver: string
}

function stepsFor({ name, profile, on }: (typeof drivers)[number], isShort: boolean): Step[] {
  const cucumber = join('node_modules', '@cucumber', 'cucumber', 'bin', 'cucumber.js')
  const files = isShort ? tests.short : tests.full
  return [
    { title: `features, ${name}`, args: [cucumber, '--profile', profile], driver: name },
    // Tests that name no database run with either.
    {
      title: `node tests, ${name}`,
      args: ['-r', 'tsx/cjs', '--test', `--test-name-pattern=on ${on}$`, ...files],
      driver: name,
    },
  ]
}

function run({ title, args, driver }: Step, url: string): boolean {
  console.log(`\n# TypeORM 0.3: ${title}\n`)
  const env = {
    ...process.env,
    TYPEORM_COMPAT: 'typeorm-03',
    NODE_OPTIONS: `-r ${resolve('test/compat-hook.cjs')}`,
    HANSARD_TEST_SQLITE_DRIVER: driver === 'pg' ? '' : driver,
    TEST_DATABASE_URL: url,
  }
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status === 0
}

async function main(isShort: boolean): Promise<number> {
  const steps = drivers.flatMap((driver) => stepsFor(driver, isShort))
  const failed = await withPostgres((url) => Promise.resolve(steps.filter((step) => !run(step, url))))
  for (const { title } of failed) console.error(`FAILED on TypeORM 0.3: ${title}`)
  console.log(`${steps.length - failed.length} of ${steps.length} runs passed on TypeORM 0.3`)
  return failed.length === 0 ? 0 : 1
}

main(process.argv.includes('--short')).then(process.exit, (error: unknown) => {
  console.error(error)
  process.exit(1)
})
