import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DataSource, type DataSourceOptions, type EntityManager, EntitySchema } from 'typeorm'
import { makeStorage, type Storage, type StorageName, sqliteType, textOfRows } from '../features/support/storages.js'
import {
  type Hansard,
  hansardEntities,
  type Migrations,
  type OpenHansardOptions,
  openHansard,
  openMigrations,
} from '../src/index.js'

/** A row that a host keeps beside our tables. */
export class Note {
  id!: number
  text!: string
}

export const noteEntity = (schema?: string) =>
  new EntitySchema<Note>({
    name: 'Note',
    target: Note,
    schema,
    columns: { id: { type: 'integer', primary: true }, text: { type: 'text' } },
  })

/** An empty database, and everything that a test opens on it, closed again the last first. */
export class TestStore {
  private readonly cleanups: (() => Promise<unknown>)[] = []

  constructor(
    readonly name: StorageName,
    private readonly storage: Storage,
  ) {
    this.afterwards(() => storage.remove())
  }

  get isSqlite(): boolean {
    return this.name === 'sqlite'
  }

  get schema(): string | undefined {
    return this.storage.options.schema
  }

  get options(): OpenHansardOptions & { database: string } {
    return { ...this.storage.options, database: this.storage.options.database ?? '' }
  }

  /** What lies on disk for a SQLite store: its file and its log. */
  heldOnDisk(): Buffer {
    const file = this.options.database.slice('sqlite:'.length)
    return Buffer.concat([file, `${file}-wal`].filter(existsSync).map((each) => readFileSync(each)))
  }

  /** SQL behind the store's back. */
  execute(sql: string): Promise<Record<string, unknown>[]> {
    return this.storage.execute(sql)
  }

  async open(options: OpenHansardOptions = {}): Promise<Hansard<EntityManager>> {
    const base = options.dataSource ? { schema: this.schema, migrate: 'run' as const } : this.options
    const hansard = await openHansard({ ...base, ...options })
    this.afterwards(() => hansard.close())
    return hansard
  }

  async migrations(options: OpenHansardOptions = {}): Promise<Migrations> {
    const migrations = await openMigrations({ ...this.options, ...options })
    this.afterwards(() => migrations.close())
    return migrations
  }

  /** A host's own connection, with a table of its own beside ours. */
  async host(settings: Partial<DataSourceOptions> = {}): Promise<DataSource> {
    const { database, schema } = this.options
    if (schema) await this.execute(`create schema if not exists ${schema}`)
    const place = this.isSqlite
      ? { type: sqliteType, database: database.slice('sqlite:'.length) }
      : { type: 'postgres', url: database, schema, poolSize: 4 }
    const entities = [noteEntity(schema), ...hansardEntities({ schema })]
    const host = new DataSource({ entities, synchronize: true, ...place, ...settings } as DataSourceOptions)
    this.afterwards(async () => host.isInitialized && host.destroy())
    return host.initialize()
  }

  async tables(): Promise<string[]> {
    const rows = await this.execute(
      this.isSqlite
        ? `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`
        : `select table_name as name from information_schema.tables where table_schema = '${this.schema}' order by 1`,
    )
    return rows.map((row) => String(row.name))
  }

  table(name: string): string {
    return this.schema ? `${this.schema}.${name}` : name
  }

  /** Those with the text somewhere, also where search has folded it. */
  async tablesWith(text: string): Promise<string[]> {
    const found: string[] = []
    for (const name of await this.tables()) {
      const rows = await this.execute(`select * from ${this.table(name)}`)
      if (textOfRows(rows).includes(text.toLowerCase())) found.push(name)
    }
    return found
  }

  afterwards(cleanup: () => Promise<unknown>): void {
    this.cleanups.push(cleanup)
  }

  async remove(): Promise<void> {
    for (const cleanup of this.cleanups.reverse()) await cleanup()
  }
}

/** The same test on SQLite and on Postgres, each time in an empty database. */
export function testOnBoth(
  title: string,
  work: (store: TestStore) => Promise<void>,
  options: { timeout?: number } = {},
): void {
  for (const name of ['sqlite', 'postgres'] as const) testOn(name, title, work, options)
}

export function testOn(
  name: StorageName,
  title: string,
  work: (store: TestStore) => Promise<void>,
  { timeout = 60_000 }: { timeout?: number } = {},
): void {
  test(`${title}, on ${name}`, { timeout }, async () => {
    const store = new TestStore(name, await makeStorage[name]())
    try {
      await work(store)
    } finally {
      await store.remove()
    }
  })
}
