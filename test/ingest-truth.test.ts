import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { testOnBoth } from './test-store.js'
import { assertTokensOfEvents } from './transcript-contents.js'
import { transcriptStore } from './transcript-store.js'
import { folder, pick, skip, truths, wantedOf, withUntoldErrors } from './transcript-truths.js'

if (skip) test('every real file is reported as it is, through the store', { skip }, () => undefined)
else {
  for (const flavor of Object.keys(wantedOf)) {
    testOnBoth(
      `${flavor}: every file is reported as it is, through the store`,
      async (store) => {
        const faults: string[] = []
        for (const [index, [name, truth]] of Object.entries(truths[flavor] ?? {}).entries()) {
          const path = join(folder, flavor, name)
          if (!existsSync(path)) continue
          const transcripts = await transcriptStore(store, { namespace: `file ${index}` })
          const { totals, sources } = await transcripts.ingest({ paths: [path], flavors: [flavor] })
          const want = wantedOf[flavor]?.(truth)
          if (!want) assert.equal(sources.refused.length, 1, `${name} is no session file`)
          else {
            const wanted = withUntoldErrors(want, totals.toolErrors, path)
            try {
              assert.deepEqual(pick(totals, Object.keys(want)), wanted)
              await assertTokensOfEvents(transcripts)
            } catch (error) {
              faults.push(`${name}: ${(error as Error).message}`)
            }
          }
        }
        assert.deepEqual(faults, [])
      },
      { timeout: 300_000 },
    )
  }
}
