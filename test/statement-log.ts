import type { Logger } from 'typeorm'

/** Keeps the statements that a pattern matches, as they went to the driver. */
export class StatementLog implements Logger {
  readonly statements: [sql: string, parameters: unknown[]][] = []

  constructor(private readonly pattern: RegExp) {}

  logQuery(sql: string, parameters: unknown[] = []): void {
    if (this.pattern.test(sql)) this.statements.push([sql, parameters])
  }
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
