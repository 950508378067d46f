import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm'
import { sessions1763683200000 } from '../../../migrations/1763683200000-sessions.js'
import { contexts1763769600000 } from '../../../migrations/1763769600000-contexts.js'
import { activity1763856000000 } from '../../../migrations/1763856000000-activity.js'
import { search1763942400000 } from '../../../migrations/1763942400000-search.js'
import { transcripts1764028800000 } from '../../../migrations/1764028800000-transcripts.js'
import type { SqlMigration } from '../../../migrations/migration-sql.js'
import { StorageError } from '../../domain/errors.js'
import { type TableOptions, Tables } from './tables.js'

/**
 * The migration classes, oldest first, for hosts that run them with their own tools. Keep their
 * history in a table of its own: `migrationsTableName: 'hansard_migrations'`.
 */
export function hansardMigrations(options: TableOptions = {}): (new () => MigrationInterface)[] {
  return migrationSteps(options)
}

/** The same, able to tell their SQL. */
export function migrationSteps(options: TableOptions): (new () => SqlMigration)[] {
  const tables = new Tables(options)
  const names = { table: tables.table.bind(tables), name: tables.name.bind(tables) }
  return [
    sessions1763683200000(names),
    contexts1763769600000(names),
    activity1763856000000(names),
    search1763942400000(names),
    transcripts1764028800000(names),
  ]
}

/** Every step's statements for one kind of database, without running them. */
export function migrationSql(kind: 'sqlite' | 'postgres', options: TableOptions): string[] {
  const steps = migrationSteps(options).map((Step) => new Step())
  return steps.flatMap((step) => [`-- ${step.name}`, ...step.sql[kind].up.map((statement) => `${statement};`)])
}

const timestampOf = (name: string) => Number(name.slice(-13))

/**
 * Runs, reverts and reports migrations on one query runner and one transaction, under a lock, so
 * that two processes may start on one empty database. Never touches a host's own migrations.
 */
export class Migrator {
  private readonly tables: Tables

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: TableOptions,
    private readonly exclusively: <T>(work: (runner: QueryRunner) => Promise<T>) => Promise<T>,
    private readonly steps: SqlMigration[] = migrationSteps(options).map((Step) => new Step()),
  ) {
    this.tables = new Tables(options)
  }

  /** Applies what is pending; the names applied. */
  async up(): Promise<string[]> {
    const before = await this.readApplied()
    this.refuseNewer(before)
    // Nothing to do takes no lock: another process may hold it for long.
    if (before.length === this.steps.length) return []
    return this.exclusively(async (runner) => {
      await this.createHistory(runner)
      const applied = await this.applied(runner)
      this.refuseNewer(applied)
      const pending = this.steps.filter((step) => !applied.includes(step.name))
      for (const step of pending) {
        await step.up(runner).catch(refuseForeignTable)
        await this.insertHistory(runner, step.name)
      }
      return pending.map((step) => step.name)
    })
  }

  /** Reverts the newest applied step; its name, or null when none is applied. */
  down(): Promise<string | null> {
    return this.exclusively(async (runner) => {
      await this.createHistory(runner)
      const applied = await this.applied(runner)
      this.refuseNewer(applied)
      const newest = this.steps.findLast((step) => applied.includes(step.name))
      if (!newest) return null
      await newest.down(runner)
      await runner.query(`delete from ${this.tables.migrations} where name = '${newest.name}'`)
      return newest.name
    })
  }

  async status(): Promise<{ name: string; applied: boolean }[]> {
    const applied = await this.readApplied()
    return this.steps.map(({ name }) => ({ name, applied: applied.includes(name) }))
  }

  /** @throws {StorageError} SCHEMA_STALE, SCHEMA_TOO_NEW */
  async check(): Promise<void> {
    const applied = await this.readApplied()
    this.refuseNewer(applied)
    const pending = this.steps.filter((step) => !applied.includes(step.name))
    if (pending.length === 0) return
    throw new StorageError(
      'SCHEMA_STALE',
      `The database lacks ${pending.map((step) => step.name).join(', ')}. Run "hansard migrate up", or open with { migrate: 'run' }.`,
    )
  }

  private refuseNewer(applied: string[]): void {
    const unknown = applied.filter((name) => !this.steps.some((step) => step.name === name))
    if (unknown.length === 0) return
    throw new StorageError(
      'SCHEMA_TOO_NEW',
      `The database has ${unknown.join(', ')}, which this release does not know. Upgrade hansard; it was left as it is.`,
    )
  }

  private async readApplied(): Promise<string[]> {
    const runner = this.dataSource.createQueryRunner()
    try {
      return (await this.hasHistory(runner)) ? await this.applied(runner) : []
    } finally {
      await runner.release()
    }
  }

  private async hasHistory(runner: QueryRunner): Promise<boolean> {
    const isPostgres = this.dataSource.options.type === 'postgres'
    const name = `${this.options.tablePrefix ?? ''}hansard_migrations`
    const sql = isPostgres
      ? `select to_regclass('${this.tables.migrations.replaceAll("'", "''")}') as name`
      : `select name from sqlite_master where type = 'table' and name = '${name.replaceAll("'", "''")}'`
    const rows = (await runner.query(sql)) as { name: string | null }[]
    return rows.some((row) => row.name !== null)
  }

  private async applied(runner: QueryRunner): Promise<string[]> {
    const rows = (await runner.query(`select name from ${this.tables.migrations} order by id`)) as { name: string }[]
    return rows.map((row) => row.name)
  }

  // The table that TypeORM's own migration command makes, so that either may run the steps.
  private async createHistory(runner: QueryRunner): Promise<void> {
    const isPostgres = this.dataSource.options.type === 'postgres'
    const { schema } = this.options
    if (isPostgres && schema) await runner.query(`create schema if not exists "${schema.replaceAll('"', '""')}"`)
    const id = isPostgres ? 'id serial primary key' : 'id integer primary key autoincrement not null'
    await runner.query(
      `create table if not exists ${this.tables.migrations} (${id}, "timestamp" bigint not null, name varchar not null)`,
    )
  }

  private async insertHistory(runner: QueryRunner, name: string): Promise<void> {
    await runner.query(
      `insert into ${this.tables.migrations} ("timestamp", name) values (${timestampOf(name)}, '${name}')`,
    )
  }
}

/** A host may have a table called `sessions` too. */
function refuseForeignTable(error: unknown): never {
  if (!(error instanceof Error) || !error.message.includes('already exists')) throw error
  const message = `${error.message}, and it is not ours. Open with a tablePrefix, or on Postgres with a schema.`
  throw new StorageError('STORAGE_FAILED', message, { cause: error })
}
