import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { hansardSide } from './hansard-side.js'
import { rawPostgres } from './raw-postgres.js'
import { rawSqlite } from './raw-sqlite.js'
import type { Side } from './side.js'
import { content } from './side.js'
import type { Material } from './works.js'

// Compiled, as its users run it: a loader would be measured too.
const { openHansard } = require('../dist/index.js') as typeof import('../src/index.js')

/** One database at one durability, both sides open on the same tables. */
export interface Storage {
  database: string
  durability: string
  hansard: Awaited<ReturnType<typeof openHansard>>
  ours: Side
  raw: Side
  material: Material
  close(): Promise<void>
}

const listedSessions = 5_000
/** The raw side keeps no words either; what search costs is measured by itself. */
const unsearched = { message: false }

export async function sqliteStorage(durability: 'full' | 'normal'): Promise<Storage> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-bench-'))
  const file = join(folder, 'bench.db')
  const hansard = await openHansard({ database: `sqlite:${file}`, durability, search: unsearched })
  const material = await prepare(hansard)
  const [ours, raw] = [hansardSide(hansard), rawSqlite(file, durability)]
  const close = async () => {
    await ours.close()
    await raw.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    database: 'SQLite',
    durability: `synchronous=${durability.toUpperCase()}`,
    hansard,
    ours,
    raw,
    material,
    close,
  }
}

export async function postgresStorage(url: string): Promise<Storage> {
  const schema = `hansard_bench_${process.pid}`
  const hansard = await openHansard({ database: url, schema, migrate: 'run', search: unsearched })
  const material = await prepare(hansard)
  const [ours, raw] = [hansardSide(hansard), rawPostgres(url, schema)]
  const close = async () => {
    await ours.close()
    await raw.close()
    await query(url, `drop schema ${schema} cascade`)
  }
  return { database: 'Postgres', durability: await postgresDurability(url), hansard, ours, raw, material, close }
}

async function prepare(hansard: Awaited<ReturnType<typeof openHansard>>): Promise<Material> {
  const listed = hansard.namespace('listed').sessions
  for (let index = 0; index < listedSessions; index += 100) {
    await Promise.all(Array.from({ length: 100 }, () => listed.create({ actorName: 'ada' })))
  }
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  await hansard.sessions.appendMessages(id, Array(1_000).fill({ role: 'user', content }))
  return { longSession: id, archive: await hansard.sessions.exportSession(id) }
}

async function postgresDurability(url: string): Promise<string> {
  const row = await query(
    url,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
  )
  return `fsync ${row?.fsync}, commit ${row?.commit}`
}

async function query(url: string, sql: string): Promise<Record<string, string> | undefined> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, string>>(sql)).rows[0]
  } finally {
    await client.end()
  }
}
