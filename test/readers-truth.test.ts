import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TranscriptReader } from '../src/domain/transcripts/transcript-reader.js'
import { ClaudeReader } from '../src/infrastructure/readers/claude/claude-reader.js'
import { CodexReader } from '../src/infrastructure/readers/codex/codex-reader.js'
import { GrokReader } from '../src/infrastructure/readers/grok/grok-reader.js'
import { readAll, type Tally, tally } from './transcript-tally.js'
import { folder, pick, skip, truths, wantedOf, withUntoldErrors } from './transcript-truths.js'

const flavors: Record<string, TranscriptReader> = {
  claude: new ClaudeReader(),
  codex: new CodexReader(),
  grok: new GrokReader(),
}

async function reported(reader: TranscriptReader, path: string): Promise<{ tally: Tally; isRefused: boolean }> {
  const source = await reader.identify(path)
  assert.ok(source, 'was not recognised')
  const { records, pendingLines } = await readAll(reader, source)
  const whole = tally(records)
  return {
    tally: { ...whole, malformedLines: whole.malformedLines + pendingLines },
    isRefused: source.refusal !== undefined,
  }
}

test('the files of other agents are recognised by none', { skip }, async () => {
  for (const reader of Object.values(flavors)) {
    for await (const { path } of reader.discover({ home: '', environment: {}, paths: [join(folder, 'other')] }))
      assert.fail(`${reader.flavor} takes ${path} for its own`)
  }
})

for (const [flavor, reader] of Object.entries(flavors)) {
  test(`${flavor}: every file is reported as it is`, { skip }, async (t) => {
    for (const [name, truth] of Object.entries(truths[flavor] ?? {})) {
      const path = join(folder, flavor, name)
      if (!existsSync(path)) continue
      await t.test(name, async () => {
        const { tally: got, isRefused } = await reported(reader, path)
        const want = wantedOf[flavor]?.(truth)
        if (!want) assert.ok(isRefused, 'is no session file')
        else assert.deepEqual(pick(got, Object.keys(want)), withUntoldErrors(want, got.toolErrors, path))
      })
    }
  })
}
