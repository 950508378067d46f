import { rush, survive } from './faults/fault-scenarios.js'
import { testOnBoth } from './test-store.js'

testOnBoth('eight processes append to one session without a gap', rush)

testOnBoth(
  'killed processes and connections lose and double nothing',
  async (store) => void (await survive(store, { workers: 3, seconds: 4, killEveryMs: 400 })),
)
