import assert from 'node:assert/strict'
import { testOnBoth } from './test-store.js'
import { fuzz } from './transcripts/fuzzing.js'

// Its long form: npm run test:transcripts.
testOnBoth('of mutated files no whole line is lost, and none ends a run', async (store) => {
  const { lines, refused } = await fuzz(store, { files: 400, seed: 1 })
  assert.ok(lines > 1_000, `${lines} lines were as they had been written`)
  assert.ok(refused > 0, 'some files were beyond reading')
})
