import type { Command } from 'commander'
import type { CommandContext, Migrations } from '../command-context.js'
import { count, type Output, table } from '../output.js'

type Work = (migrations: Migrations, output: Output) => Promise<void>

/** `migrate up|down|status|sql`; only `up` makes a database file. */
export function addMigrateCommands(program: Command, context: CommandContext): void {
  const migrate = program.command('migrate').description('bring the schema of a database up to date, or back')
  const add = (name: string, description: string, work: Work) =>
    migrate
      .command(name)
      .description(description)
      .action((_options: unknown, command: Command) => withMigrations(context, command, work))

  add('up', 'apply every step that is missing; makes a SQLite file if there is none', async (migrations, output) => {
    const applied = await migrations.up()
    const done = `${count(applied.length, 'step')} applied:\n${applied.join('\n')}`
    await output.result({ applied }, () => (applied.length > 0 ? done : 'The schema is up to date.'))
  })
  add('down', 'revert the newest step, and the data it held', async (migrations, output) => {
    const reverted = await migrations.down()
    await output.result({ reverted }, () => (reverted === null ? 'Nothing to revert.' : `Reverted ${reverted}`))
  })
  add('status', 'list every step and whether it is applied', async (migrations, output) => {
    const items = await migrations.status()
    await output.result({ items }, () => table(statusColumns, items))
  })
  add('sql', 'print the SQL of every step without running it', async (migrations, output) => {
    const sql = migrations.sql()
    await output.result({ sql }, () => sql.map(terminated).join('\n'))
  })
}

const statusColumns = [
  { head: 'Step', cell: (step: { name: string }) => step.name },
  { head: 'Applied', cell: (step: { applied: boolean }) => (step.applied ? 'yes' : 'no') },
]

async function withMigrations(context: CommandContext, command: Command, work: Work): Promise<void> {
  const { database, schema, tablePrefix } = context.target(command)
  const migrations = await context.parts.openMigrations({
    database,
    schema,
    tablePrefix,
    mustExist: command.name() !== 'up',
  })
  try {
    await work(migrations, context.output(command))
  } finally {
    await migrations.close()
  }
}

function terminated(statement: string): string {
  return statement.startsWith('--') || /;\s*$/.test(statement) ? statement : `${statement};`
}
