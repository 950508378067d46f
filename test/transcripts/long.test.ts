import { testOnBoth } from '../test-store.js'
import { fuzz } from './fuzzing.js'
import { ingestLarge } from './large-scenario.js'

// The long forms of test/transcript-fuzz.test.ts and test/transcript-large.test.ts: npm run test:transcripts.
const files = Number(process.env.HANSARD_FUZZ_FILES ?? 10_000)
const seed = Number(process.env.HANSARD_FUZZ_SEED ?? 2)

testOnBoth(
  `of ${files} mutated files no whole line is lost, and none ends a run`,
  async (store) => {
    const { lines, refused } = await fuzz(store, { files, seed })
    process.stderr.write(
      `${store.name}: ${files} files from seed ${seed}, ${lines} whole lines found again, ${refused} files beyond reading\n`,
    )
  },
  { timeout: files * 200 },
)

const gb = 1024 ** 3
const bytes = Math.ceil(Number(process.env.HANSARD_ROLLOUT_GB ?? 2) * gb)

testOnBoth(
  `a rollout of ${bytes / gb} GB with a line of 200 MB is read in less than 400 MB, and gone on with after a kill`,
  async (store) => {
    const { records, rssMb } = await ingestLarge(store, { bytes, longLine: 200 * 1024 * 1024 })
    process.stderr.write(`${store.name}: ${records} records, at most ${rssMb.map(Math.round).join(' and ')} MB held\n`)
  },
  { timeout: 3_600_000 },
)
