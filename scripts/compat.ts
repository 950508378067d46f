import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { withPostgres } from './with-postgres.js'

// Runs the features and the tests of storage on TypeORM 0.3 with each of its drivers, then the packed
// package in hosts on it. `--short` is the form for CI: the features and the host's tests alone.
const version = '0.3.31'
const drivers = [
  { name: 'sqlite3', profile: 'sqliteLibrary', on: 'sqlite' },
  { name: 'better-sqlite3', profile: 'sqliteLibrary', on: 'sqlite' },
  { name: 'pg', profile: 'postgresLibrary', on: 'postgres' },
]
const everyTest = ['host', 'migrations', 'search', 'follow', 'sqlite-guard', 'storage-errors', 'faults-short']

interface Step {
  title: string
  args: string[]
  driver: string
}

function stepsFor({ name, profile, on }: (typeof drivers)[number], isShort: boolean): Step[] {
  const cucumber = join('node_modules', '@cucumber', 'cucumber', 'bin', 'cucumber.js')
  const files = (isShort ? ['host'] : everyTest).map((test) => `test/${test}.test.ts`)
  const ofThisDatabase = `--test-name-pattern=on ${on}$`
  return [
    { title: `features, ${name}`, args: [cucumber, '--profile', profile], driver: name },
    {
      title: `node tests, ${name}`,
      args: ['-r', 'tsx/cjs', '--test', '--test-reporter=spec', ofThisDatabase, ...files],
      driver: name,
    },
  ]
}

const environment = (driver: string, url: string): NodeJS.ProcessEnv => ({
  ...process.env,
  TYPEORM_COMPAT: 'typeorm-03',
  NODE_OPTIONS: `-r ${resolve('test/compat-hook.cjs')}`,
  HANSARD_TEST_SQLITE_DRIVER: driver,
  TEST_DATABASE_URL: url,
})

/** Says what a step said once it has ended, since others go on beside it. */
function run({ title, args }: Pick<Step, 'title' | 'args'>, env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
    const said: Buffer[] = []
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      console.log(`\n# TypeORM ${version}: ${title}\n\n${Buffer.concat(said).toString()}`)
      if (code !== 0) console.error(`FAILED on TypeORM ${version}: ${title}`)
      done(code === 0)
    })
  })
}

async function runInTurn(steps: Step[], url: string): Promise<boolean[]> {
  const passed: boolean[] = []
  for (const step of steps) passed.push(await run(step, environment(step.driver, url)))
  return passed
}

/** What the hook is for: without it, everything below would pass on the wrong TypeORM. */
const isOnOther: Step = {
  title: 'is what is loaded',
  args: ['-e', "if (!require.resolve('typeorm').includes('typeorm-03')) process.exit(1)"],
  driver: '',
}

async function runAll(url: string, isShort: boolean): Promise<boolean[]> {
  const stepsOn = (database: string) =>
    drivers.filter(({ on }) => on === database).flatMap((driver) => stepsFor(driver, isShort))
  // The two databases beside each other: one waits for the disk while the other computes.
  const lanes = [[isOnOther, ...stepsOn('sqlite')], stepsOn('postgres')]
  const passed = (await Promise.all(lanes.map((steps) => runInTurn(steps, url)))).flat()
  if (isShort) return passed
  const outsider = {
    title: 'the packed package',
    args: ['-r', 'tsx/cjs', 'scripts/outsider.ts', `--typeorm=${version}`],
  }
  return [...passed, await run(outsider, { ...process.env, TEST_DATABASE_URL: url })]
}

async function main(isShort: boolean): Promise<number> {
  const passed = await withPostgres((url) => runAll(url, isShort))
  const good = passed.filter(Boolean).length
  console.log(`${good} of ${passed.length} runs passed on TypeORM ${version}`)
  return good === passed.length ? 0 : 1
}

main(process.argv.includes('--short')).then(process.exit, (error: unknown) => {
  console.error(error)
  process.exit(1)
})
