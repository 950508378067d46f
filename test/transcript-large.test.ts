import { testOnBoth } from './test-store.js'
import { ingestLarge } from './transcripts/large-scenario.js'

const mb = 1024 * 1024

// Its long form, of 2 GB: npm run test:transcripts.
testOnBoth(
  'a rollout of 64 MB with a line of 20 MB is read in bounded memory, and gone on with after a kill',
  async (store) => void (await ingestLarge(store, { bytes: 64 * mb, longLine: 20 * mb })),
  { timeout: 120_000 },
)
