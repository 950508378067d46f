import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { withPostgres } from './with-postgres.js'

interface Totals {
  passed: number
  failed: number
}

/** A runner that writes what happened to a file, from which `count` reads the totals. */
interface Suite {
  name: string
  args(resultFile: string): string[]
  count(result: string): Totals
}

const nodeTestFiles = readdirSync('test')
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file))
/** They time what they do, and need quiet. */
const isTimed = (file: string) => readFileSync(file, 'utf8').includes('performance.now()')

const quietNodeTests = nodeTests('node tests that look at the clock', nodeTestFiles.filter(isTimed), 1)
// The runner by itself leaves a core idle, which on two is half of them.
const otherNodeTests = nodeTests(
  'node tests',
  nodeTestFiles.filter((file) => !isTimed(file)),
  availableParallelism(),
)
/** The longest first. */
const featureProfiles = ['postgresCli', 'postgresHttp', 'sqliteCli', 'postgresLibrary', 'sqliteHttp', 'sqliteLibrary']
const lineCoverage = 97

function nodeTests(name: string, files: string[], atOnce: number): Suite {
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap']
  return {
    name,
    args: (resultFile) => [
      ...['-r', 'tsx/cjs', '--test', `--test-concurrency=${atOnce}`],
      ...[...reporters, `--test-reporter-destination=${resultFile}`, ...files],
    ],
    count: (tap) => ({ passed: tapTotal(tap, 'pass'), failed: tapTotal(tap, 'fail') + tapTotal(tap, 'cancelled') }),
  }
}

function tapTotal(tap: string, word: string): number {
  return Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0)
}

function features(profile: string): Suite {
  const cucumber = join('node_modules', '@cucumber', 'cucumber', 'bin', 'cucumber.js')
  return {
    name: `features, ${profile}`,
    args: (resultFile) => [cucumber, '--profile', profile, '--format', `message:${resultFile}`],
    count: countScenarios,
  }
}

interface Message {
  testCaseStarted?: { id: string }
  testStepFinished?: { testCaseStartedId: string; testStepResult: { status: string } }
}

/** A scenario passes when each of its steps and hooks did: undefined, pending and skipped count as failed. */
function countScenarios(messages: string): Totals {
  const isPassed = new Map<string, boolean>()
  for (const line of messages.split('\n').filter(Boolean)) {
    const { testCaseStarted, testStepFinished } = JSON.parse(line) as Message
    if (testCaseStarted) isPassed.set(testCaseStarted.id, true)
    if (testStepFinished && testStepFinished.testStepResult.status !== 'PASSED') {
      isPassed.set(testStepFinished.testCaseStartedId, false)
    }
  }
  const passed = [...isPassed.values()].filter(Boolean).length
  return { passed, failed: isPassed.size - passed }
}

async function runSuite(suite: Suite, folder: string, env: NodeJS.ProcessEnv): Promise<Totals> {
  console.log(`\n# ${suite.name}\n`)
  const resultFile = join(folder, suite.name.replace(/\W+/g, '-'))
  const exitCode = await runNode(suite.args(resultFile), env)
  const totals = suite.count(existsSync(resultFile) ? readFileSync(resultFile, 'utf8') : '')
  const ranNothing = totals.passed + totals.failed === 0
  const hidFailure = exitCode !== 0 && totals.failed === 0
  if (ranNothing || hidFailure)
    console.error(`${suite.name}: ${ranNothing ? 'ran nothing' : 'failed'}, exit code ${exitCode}`)
  return ranNothing || hidFailure ? { ...totals, failed: totals.failed + 1 } : totals
}

function runNode(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit', env })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

function reportCoverage(folder: string): Promise<number> {
  const c8 = join('node_modules', 'c8', 'bin', 'c8.js')
  const gate = ['--check-coverage', '--lines', String(lineCoverage)]
  return runNode([c8, 'report', '--temp-directory', folder, '--include', 'src/**', ...gate], process.env)
}

/** As many at once as keep the cores busy while one of them waits for its database. */
async function runFeatures(folder: string, env: NodeJS.ProcessEnv): Promise<Totals[]> {
  const waiting = featureProfiles.map(features)
  const lane = async (): Promise<Totals[]> => {
    const suite = waiting.shift()
    return suite ? [await runSuite(suite, folder, env), ...(await lane())] : []
  }
  return (await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane))).flat()
}

async function main(hasCoverage: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-tests-'))
  const coverageFolder = join(folder, 'coverage')
  try {
    const totals = await withPostgres(async (url) => {
      const env = { ...process.env, TEST_DATABASE_URL: url }
      // Enough by themselves: coverage makes whatever it is taken of slower.
      const covered = { ...env, ...(hasCoverage && { NODE_V8_COVERAGE: coverageFolder }) }
      return [
        await runSuite(quietNodeTests, folder, env),
        await runSuite(otherNodeTests, folder, covered),
        ...(await runFeatures(folder, env)),
      ]
    })
    const coverageCode = hasCoverage ? await reportCoverage(coverageFolder) : 0
    const passed = totals.reduce((sum, each) => sum + each.passed, 0)
    const failed = totals.reduce((sum, each) => sum + each.failed, 0)
    console.log(`${passed} passed, ${failed} failed`)
    return failed > 0 ? 1 : coverageCode
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

main(process.argv.includes('--coverage')).then(process.exit, (error: unknown) => {
  console.error(error)
  process.exit(1)
})
