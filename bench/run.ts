import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { type Delay, followerDelay } from './follower-delay.js'
import { httpSide } from './http-side.js'
import { measure, type Plan, type Ratio } from './measure.js'
import { type SearchFigure, searchFigures } from './search.js'
import { postgresSearchStore, type SearchStore, type SearchStoreOptions, sqliteSearchStore } from './search-stores.js'
import type { Side } from './side.js'
import { postgresStorage, type Storage, sqliteStorage } from './storages.js'
import { transcriptFigures } from './transcripts.js'
import { works } from './works.js'

const plain = { head: [], border: [] }

interface Figure extends Ratio {
  database: string
  durability: string
  work: string
  /** The least that we promise, as a multiple of the raw driver's throughput. */
  target: number | null
}

const everywhere = new Map([['read 1,000 messages', 1 / 1.6]])
const sequential = 'append, one after another'
const targets = new Map([
  ['SQLite synchronous=FULL', new Map([...everywhere, [sequential, 0.7], ['append, 64 writers', 4]])],
  ['SQLite synchronous=NORMAL', new Map([...everywhere, [sequential, 0.4]])],
  ['Postgres fsync on, commit on', new Map([...everywhere, [sequential, 0.8]])],
])

/** The service beside the library on the same store, and how soon a follower hears. */
interface HttpFigures {
  ratios: Figure[]
  delays: ({ database: string; durability: string } & Delay)[]
}

const overHttp = 'over HTTP'
const delayAppends = 2_000

async function httpFigures(storage: Storage, plan: Plan, only: string, all: HttpFigures): Promise<void> {
  const { database, durability, ours, material } = storage
  const service = await httpSide(storage.hansard)
  const note = (work: string) => process.stderr.write(`${database}, ${durability}: ${work}\n`)
  try {
    for (const work of works.filter(({ name }) => /^append, (one|\d+ writers)/.test(name))) {
      const name = `${work.name}, ${overHttp}`
      if (!name.includes(only)) continue
      note(name)
      // These works create and append, and nothing else.
      const ratio = await measure(work, service as unknown as Side, ours, material, plan)
      all.ratios.push({ database, durability, work: name, ...ratio, target: null })
    }
    if (!'follower delay'.includes(only)) return
    note('follower delay')
    all.delays.push({ database, durability, ...(await followerDelay(service, Math.ceil(delayAppends * plan.scale))) })
  } finally {
    await service.close()
  }
}

async function figuresOf(open: () => Promise<Storage>, plan: Plan, only: string, http: HttpFigures): Promise<Figure[]> {
  const storage = await open()
  const { database, durability, ours, raw, material } = storage
  const figures: Figure[] = []
  try {
    for (const work of works.filter(({ name }) => name.includes(only))) {
      process.stderr.write(`${database}, ${durability}: ${work.name}\n`)
      const target = targets.get(`${database} ${durability}`)?.get(work.name) ?? null
      figures.push({
        database,
        durability,
        work: work.name,
        ...(await measure(work, ours, raw, material, plan)),
        target,
      })
    }
    await httpFigures(storage, plan, only, http)
  } finally {
    await storage.close()
  }
  return figures
}

type OpenStore = (options?: SearchStoreOptions) => Promise<SearchStore>

async function eachStore(
  values: Values,
  stores: Map<string, OpenStore>,
  work: string,
  figuresOf: (open: OpenStore, note: (text: string) => void) => Promise<SearchFigure[]>,
): Promise<SearchFigure[]> {
  const figures: SearchFigure[] = []
  for (const [name, open] of stores) {
    if (values.storage?.includes(name) === false || !work.includes(values.work)) continue
    figures.push(...(await figuresOf(open, (text) => process.stderr.write(`${name}, ${work}: ${text}\n`))))
  }
  return figures
}

function storesOf(sqlite: ('full' | 'normal')[]): Map<string, OpenStore> {
  const url = process.env.TEST_DATABASE_URL
  const stores = new Map<string, OpenStore>()
  for (const durability of sqlite)
    stores.set(`sqlite-${durability}`, (options) => sqliteSearchStore(durability, options))
  if (url) stores.set('postgres', (options) => postgresSearchStore(url, options))
  return stores
}

function transcriptFiguresOf(values: Values): Promise<SearchFigure[]> {
  const { folder, short } = values
  const plan = short
    ? { folder, sessions: 4, smallSessions: 200, rounds: 1 }
    : { folder, sessions: 20, smallSessions: 20_000, rounds: 3 }
  return eachStore(values, storesOf(['full', 'normal']), 'transcripts', (open, note) =>
    transcriptFigures(open, plan, note),
  )
}

const searchRows = 1_000_000

function searchFiguresOf(values: Values): Promise<SearchFigure[]> {
  const plan = { rows: Number(values.rows ?? (values.short ? 20_000 : searchRows)), queries: values.short ? 20 : 200 }
  return eachStore(values, storesOf(['full']), 'search', (open, note) => searchFigures(open, plan, note))
}

function searchTable(figures: SearchFigure[]): string {
  const rows = new Table({ head: ['database', 'durability', 'work', 'ratio', 'of', 'target', ''], style: plain })
  for (const { database, durability, work, ratio, of, bound } of figures) {
    const isMet = bound && ('atLeast' in bound ? ratio >= bound.atLeast : ratio <= bound.atMost)
    const target = bound && ('atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`)
    const verdict = isMet === null ? '' : isMet ? 'met' : 'missed'
    rows.push([database, durability, work, ratio.toFixed(ratio < 0.1 ? 3 : 2), of, target ?? '', verdict])
  }
  return rows.toString()
}

function delayTable(delays: HttpFigures['delays']): string {
  const head = ['database', 'durability', 'appends', 'follower delay, median', 'p99']
  const rows = new Table({ head, style: plain })
  for (const { database, durability, appends, medianMs, p99Ms } of delays) {
    rows.push([database, durability, appends, `${medianMs.toFixed(2)} ms`, `${p99Ms.toFixed(2)} ms`])
  }
  return rows.toString()
}

function table(figures: Figure[], base: 'raw' | 'library'): string {
  const [throughput, time] = [`throughput, ${base} = 1`, `time, ${base} = 1`]
  const head = ['database', 'durability', 'work', throughput, 'rounds', time, 'target', '']
  const rows = new Table({ head, style: plain })
  for (const { database, durability, work, median, min, max, target } of figures) {
    const verdict = target === null ? '' : median >= target ? 'met' : 'missed'
    const range = `${min.toFixed(2)}–${max.toFixed(2)}`
    const least = target === null ? '' : `≥ ${target.toFixed(2)}`
    rows.push([database, durability, work, median.toFixed(2), range, (1 / median).toFixed(2), least, verdict])
  }
  return rows.toString()
}

const options = {
  /** A smoke test of seconds: its figures say little. */
  short: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  storage: { type: 'string', multiple: true },
  /** Part of the name of the works to run. */
  work: { type: 'string', default: '' },
  /** Messages that are searched. */
  rows: { type: 'string' },
  /** Real transcripts to ingest in place of those that are made. */
  folder: { type: 'string' },
} as const
type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

function storagesOf(url: string | undefined): Map<string, () => Promise<Storage>> {
  const storages = new Map([
    ['sqlite-full', () => sqliteStorage('full')],
    ['sqlite-normal', () => sqliteStorage('normal')],
  ])
  if (url) storages.set('postgres', () => postgresStorage(url))
  else process.stderr.write('Without TEST_DATABASE_URL there are no figures for Postgres.\n')
  return storages
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  const plan = values.short ? { rounds: 3, scale: 0.05 } : { rounds: 31, scale: 0.2 }
  const figures: Figure[] = []
  const http: HttpFigures = { ratios: [], delays: [] }
  for (const [name, open] of storagesOf(process.env.TEST_DATABASE_URL)) {
    if (values.storage?.includes(name) === false) continue
    figures.push(...(await figuresOf(open, plan, values.work, http)))
  }
  const search = await searchFiguresOf(values)
  const transcripts = await transcriptFiguresOf(values)
  const tables = [
    figures.length > 0 && table(figures, 'raw'),
    http.ratios.length > 0 && table(http.ratios, 'library'),
    http.delays.length > 0 && delayTable(http.delays),
    search.length + transcripts.length > 0 && searchTable([...search, ...transcripts]),
  ].filter(Boolean)
  const document = { ...plan, figures, http, search, transcripts }
  process.stdout.write(`${values.json ? JSON.stringify(document, null, 2) : tables.join('\n\n')}\n`)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
