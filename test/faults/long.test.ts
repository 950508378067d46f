import { testOnBoth } from '../test-store.js'
import { rush, survive } from './fault-scenarios.js'

// The long form of test/faults-short.test.ts: npm run test:faults.
const seconds = Number(process.env.HANSARD_FAULTS_SECONDS ?? 30)

testOnBoth('eight processes append to one session without a gap', rush)

testOnBoth(
  `${seconds} seconds of killed processes and connections lose and double nothing`,
  async (store) => {
    const report = await survive(store, { workers: 8, seconds, killEveryMs: 500 })
    const { attempted, acknowledged, processesKilled, backendsKilled } = report
    const kills = `${processesKilled} processes and ${backendsKilled} connections killed`
    process.stderr.write(`${store.name}: ${attempted.size} sent, ${acknowledged.size} acknowledged, ${kills}\n`)
  },
  { timeout: (seconds + 300) * 1_000 },
)
