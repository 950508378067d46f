import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Where a migration puts its tables, and how it names its constraints and indexes. */
export interface MigrationNames {
  table(name: string): string
  name(name: string): string
}

/** The statements of one step, both databases side by side. */
export interface MigrationSql {
  sqlite: { up: string[]; down: string[] }
  postgres: { up: string[]; down: string[] }
}

/** A migration that TypeORM's own tools can run too, and that can tell its SQL without running it. */
export interface SqlMigration extends MigrationInterface {
  readonly name: string
  readonly sql: MigrationSql
}

export function migrationClass(name: string, sql: MigrationSql): new () => SqlMigration {
  return class implements SqlMigration {
    readonly name = name
    readonly sql = sql

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of side(sql, runner).up) await runner.query(statement)
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const statement of side(sql, runner).down) await runner.query(statement)
    }
  }
}

const side = (sql: MigrationSql, runner: QueryRunner) =>
  runner.connection.options.type === 'postgres' ? sql.postgres : sql.sqlite
