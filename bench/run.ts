import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { measure, type Plan, type Ratio } from './measure.js'
import { postgresStorage, type Storage, sqliteStorage } from './storages.js'
import { works } from './works.js'

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

async function figuresOf(open: () => Promise<Storage>, plan: Plan, only: string): Promise<Figure[]> {
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
  } finally {
    await storage.close()
  }
  return figures
}

function table(figures: Figure[]): string {
  const head = ['database', 'durability', 'work', 'throughput, raw = 1', 'rounds', 'time, raw = 1', 'target', '']
  const rows = new Table({ head, style: { head: [], border: [] } })
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
} as const

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
  for (const [name, open] of storagesOf(process.env.TEST_DATABASE_URL)) {
    if (values.storage?.includes(name) === false) continue
    figures.push(...(await figuresOf(open, plan, values.work)))
  }
  process.stdout.write(values.json ? `${JSON.stringify({ ...plan, figures }, null, 2)}\n` : `${table(figures)}\n`)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
