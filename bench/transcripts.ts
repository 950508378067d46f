import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SearchFigure } from './search.js'
import type { RowsOfTable, SearchStore, SearchStoreOptions } from './search-stores.js'
import { writeSessions } from './transcript-corpus.js'

// Compiled, as its users run it.
const { ClaudeReader } =
  require('../dist/src/infrastructure/readers/claude/claude-reader.js') as typeof import('../src/infrastructure/readers/claude/claude-reader.js')
const { CodexReader } =
  require('../dist/src/infrastructure/readers/codex/codex-reader.js') as typeof import('../src/infrastructure/readers/codex/codex-reader.js')

export interface TranscriptPlan {
  /** Real files in place of those that are made. */
  folder?: string
  sessions: number
  smallSessions: number
  rounds: number
}

type Open = (options: SearchStoreOptions) => Promise<SearchStore>
type Figure = Omit<SearchFigure, 'database' | 'durability'>

/** Of transcripts, their digests, and the activity that they feed. */
const unsearched: SearchStoreOptions = {
  search: { transcript: false, digest: false, tool: false, file: false, correction: false },
}

/** What ingesting costs, to bare `JSON.parse` of the same lines, on one database at one durability. */
export async function transcriptFigures(
  open: Open,
  plan: TranscriptPlan,
  note: (text: string) => void,
): Promise<SearchFigure[]> {
  const made = mkdtempSync(join(tmpdir(), 'hansard-bench-transcripts-'))
  try {
    const [folder, small] = [plan.folder ?? join(made, 'large'), join(made, 'small')]
    if (!plan.folder) writeSessions(folder, plan.sessions, { turns: 40, steps: 6 })
    const figures = await ingestFigures(open, folder, plan, note)
    note(`${plan.smallSessions} small sessions`)
    writeSessions(small, plan.smallSessions, { turns: 1, steps: 1 })
    const { named, figures: ofSmall } = await smallFigures(open, small, plan)
    return [...figures, ...ofSmall].map((figure) => ({ ...named, ...figure }))
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

async function ingestFigures(
  open: Open,
  folder: string,
  { rounds }: TranscriptPlan,
  note: (text: string) => void,
): Promise<Figure[]> {
  const files = filesBelow(folder)
  const rows = await rowsLeft(open, folder)
  const ways = {
    'the rows that it leaves, by the bare driver': { run: () => inserted(open, rows), bound: null },
    'read alone': { run: () => readAll(folder), bound: null },
    'ingest, search off': { run: () => ingested(open, folder, unsearched), bound: { atLeast: 0.15 } },
    'ingest, search on': { run: () => ingested(open, folder, {}), bound: { atLeast: 0.05 } },
  }
  const figures: Figure[] = []
  for (const [work, { run, bound }] of Object.entries(ways)) {
    note(work)
    const ratios: number[] = []
    for (let round = 0; round < rounds; round++) {
      const before = parseAll(files)
      const ms = await run()
      // The machine may have been busier at one end.
      ratios.push((before + parseAll(files)) / 2 / ms)
    }
    figures.push({ work, ratio: median(ratios), of: 'JSON.parse of the same lines / ours', bound })
  }
  return figures
}

/** With what their store is called: the same as all stores that are opened here. */
async function smallFigures(open: Open, folder: string, { smallSessions }: TranscriptPlan) {
  const files = filesBelow(folder)
  const store = await open(unsearched)
  try {
    const ingest = () => clocked(() => store.hansard.transcripts.ingest({ paths: [folder] }))
    const first = await ingest()
    const stats = await clocked(() => statAll(files))
    const second = await ingest()
    const figures: Figure[] = [
      { work: `ingest, ${smallSessions} small sessions`, ratio: first / 1000, of: 'seconds', bound: { atMost: 60 } },
      { work: 'ingest, nothing has changed', ratio: second / stats, of: 'time / a stat of each file', bound: null },
    ]
    const { database, durability } = store
    return { named: { database, durability }, figures }
  } finally {
    await store.close()
  }
}

async function ingested(open: Open, folder: string, options: SearchStoreOptions): Promise<number> {
  const store = await open(options)
  try {
    return await clocked(() => store.hansard.transcripts.ingest({ paths: [folder] }))
  } finally {
    await store.close()
  }
}

async function rowsLeft(open: Open, folder: string): Promise<RowsOfTable[]> {
  const store = await open(unsearched)
  try {
    await store.hansard.transcripts.ingest({ paths: [folder] })
    return await store.transcriptRows()
  } finally {
    await store.close()
  }
}

/** The least that storing them can cost: what the rows hold is known beforehand, and each is written once. */
async function inserted(open: Open, rows: RowsOfTable[]): Promise<number> {
  const store = await open(unsearched)
  try {
    return await clocked(() => store.insertRows(rows))
  } finally {
    await store.close()
  }
}

const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n')

async function readAll(folder: string): Promise<number> {
  const places = { home: folder, environment: {}, paths: [folder] }
  return clocked(async () => {
    for (const reader of [new ClaudeReader(), new CodexReader()]) {
      for await (const source of reader.discover(places)) for await (const batch of reader.read(source)) void batch
    }
  })
}

/** Milliseconds for the lines alone: reading and parting the files is not charged to it. */
function parseAll(files: string[]): number {
  let ms = 0
  for (const file of files) {
    const lines = linesOf(file)
    const startedAt = performance.now()
    for (const line of lines) parse(line)
    ms += performance.now() - startedAt
  }
  return ms
}

/** Real files hold lines that are not whole. */
function parse(line: string): void {
  if (line === '') return
  try {
    JSON.parse(line)
  } catch {
    // Read by nobody.
  }
}

async function statAll(files: string[]): Promise<void> {
  for (const file of files) await stat(file)
}

async function clocked(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.jsonl') && statSync(path).isFile())

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
