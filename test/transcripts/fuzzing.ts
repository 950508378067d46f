import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestStore } from '../test-store.js'
import { transcriptStore } from '../transcript-store.js'
import { type MutatedFile, writeMangled, writeMutated } from './mutated-files.js'

export interface Fuzzing {
  files: number
  seed: number
}

const filesAtOnce = 250
/** One of so many is not even a text. */
const mangledEvery = 25

/** Ingests files that something befell: each line that is as it was written must be found in the store. */
export async function fuzz(store: TestStore, { files, seed }: Fuzzing): Promise<{ lines: number; refused: number }> {
  const sums = { lines: 0, refused: 0 }
  for (let first = 0; first < files; first += filesAtOnce) {
    const folder = mkdtempSync(join(tmpdir(), 'hansard-fuzz-'))
    try {
      const indexes = Array.from({ length: Math.min(filesAtOnce, files - first) }, (_, index) => first + index)
      const mutated = indexes.map((index) => writeMutated(folder, seed, index))
      for (const index of indexes.filter((each) => each % mangledEvery === 0))
        writeMangled(folder, seed, index / mangledEvery)
      sums.refused += await ingestAll(store, { namespace: `fuzz ${first}`, folder, mutated })
      sums.lines += mutated.reduce((sum, { words }) => sum + words.length, 0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return sums
}

interface Round {
  namespace: string
  folder: string
  mutated: MutatedFile[]
}

async function ingestAll(store: TestStore, { namespace, folder, mutated }: Round): Promise<number> {
  const transcripts = await transcriptStore(store, { namespace, isSearched: false })
  const { sources } = await transcripts.ingest({ paths: [folder] })
  const failed = sources.failed.filter(({ path }) => path.endsWith('.jsonl'))
  assert.deepEqual(failed, [], 'a text can always be read')
  const found = await wordsIn(store, namespace)
  const lost = mutated.flatMap(({ path, words }) =>
    words.filter((word) => !found.has(word)).map((word) => `${word} of ${path}`),
  )
  assert.deepEqual(lost, [], 'a line that is as it was written is in the store')
  const again = await transcripts.ingest({ paths: [folder] })
  assert.deepEqual(
    [again.sources.read, again.transcripts],
    [0, []],
    'files that nothing befell since are not read again',
  )
  return sources.refused.length + sources.failed.length
}

/** Of all events, those among them that another one speaks for. */
async function wordsIn(store: TestStore, namespace: string): Promise<Set<string>> {
  const table = store.table('transcript_events')
  const rows = await store.execute(
    `select coalesce(body, summary) as text from ${table} where namespace = '${namespace}'`,
  )
  return new Set(rows.flatMap(({ text }) => String(text).match(/w[0-9a-f]{12}/g) ?? []))
}
