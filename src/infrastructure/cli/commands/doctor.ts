import type { Command } from 'commander'
import type { HealthCheck } from '../../../hansard.js'
import type { CommandContext } from '../command-context.js'
import { exitCodes } from '../exit-codes.js'
import { type Column, table } from '../output.js'

const columns: Column<HealthCheck>[] = [
  { head: 'Check', cell: (check) => check.name },
  { head: 'Result', cell: (check) => (check.ok ? 'ok' : 'FAILED') },
  { head: 'Detail', cell: (check) => check.detail },
]

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description(
      'check the connection, foreign keys, migrations, left-over or unreadable rows and the search index of a database',
    )
    .action((_options: unknown, command: Command) =>
      // Unmigrated on purpose: a stale schema is a finding here, not a reason to refuse.
      context.withStore(
        command,
        async ({ hansard, output, target }) => {
          const database = maskCredentials(target.database)
          const namespace = target.namespace ?? 'default'
          const checks = await hansard.doctor()
          const ok = checks.every((check) => check.ok)
          const text = () => `Database ${database}, namespace ${namespace}\n${table(columns, checks)}`
          await output.result({ database, namespace, ok, checks }, text)
          if (!ok) context.exitCode = exitCodes.storage
        },
        { migrate: 'off' },
      ),
    )
}

/** Hides passwords; rather too much than too little where the URL is malformed. */
export function maskCredentials(database: string): string {
  return database.replace(/(:\/\/[^:/@]*):.*@/, '$1:***@').replace(/([?&]\w*(?:password|key)=)[^&]*/gi, '$1***')
}
