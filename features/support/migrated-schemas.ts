import { Pool } from 'pg'
import { type OpenHansardOptions, openHansard } from '../../src/index.js'

interface Schema {
  name: string
  layout: string
}

/**
 * Schemas that the migrations made, each for one user after the other, since making one takes long. Each user
 * gets it empty and under a name of its own, so that whoever comes late from an earlier one finds nothing; a
 * schema in which more than rows was changed is dropped.
 */
export class MigratedSchemas {
  private readonly used = new Map<string, Schema>()
  private readonly spare: Schema[] = []
  private readonly server: Pool

  constructor(connectionString: string) {
    this.server = new Pool({ connectionString, max: 1, allowExitOnIdle: true })
    // Some tests end connections that are not theirs.
    this.server.on('error', () => undefined)
  }

  async make(name: string, options: OpenHansardOptions): Promise<void> {
    const spare = this.spare.pop()
    if (spare) await this.server.query(`alter schema ${spare.name} rename to ${name}`)
    else await (await openHansard({ ...options, schema: name, migrate: 'run' })).close()
    this.used.set(name, { name, layout: spare?.layout ?? (await this.layoutOf(name)) })
  }

  async remove(name: string): Promise<void> {
    const schema = this.used.get(name)
    this.used.delete(name)
    if (!schema || schema.layout !== (await this.layoutOf(name))) return this.drop(name)
    await this.empty(name)
    this.spare.push(schema)
  }

  async dropSpare(): Promise<void> {
    for (const { name } of this.spare.splice(0)) await this.drop(name)
  }

  private async drop(name: string): Promise<void> {
    await this.server.query(`drop schema if exists ${name} cascade`)
  }

  /** Another after any statement that makes, changes or removes a table, a column and so on, or a step of the history. */
  private async layoutOf(name: string): Promise<string> {
    const { rows } = await this.server.query<{ part: string }>(
      `with own as (select oid, xmin, relname from pg_class where relnamespace = to_regnamespace($1))
       select concat('relation ', oid, ' ', xmin) as part from own
       union all select concat('column ', attrelid, ' ', attnum, ' ', xmin) from pg_attribute where attrelid in (select oid from own)
       union all select concat('default ', oid, ' ', xmin) from pg_attrdef where adrelid in (select oid from own)
       union all select concat('trigger ', oid, ' ', xmin) from pg_trigger where tgrelid in (select oid from own)
       union all select concat('constraint ', oid, ' ', xmin) from pg_constraint where connamespace = to_regnamespace($1)
       union all select concat('function ', oid, ' ', xmin) from pg_proc where pronamespace = to_regnamespace($1)
       union all select concat('type ', oid, ' ', xmin) from pg_type where typnamespace = to_regnamespace($1)
       union all select table_to_xml(oid, true, true, '')::text from own where relname = '${history}'
       order by 1`,
      [name],
    )
    return rows.map(({ part }) => part).join('\n')
  }

  /** Waits, as dropping would, for whoever has not ended a transaction on its tables. Those that refer to others were made after them. */
  private async empty(name: string): Promise<void> {
    await this.server.query(
      `do $$
       declare each record;
       begin
         for each in select oid::regclass as name from pg_class
           where relnamespace = '${name}'::regnamespace and relkind = 'r' and relname <> '${history}' order by oid desc
         loop
           execute format('lock table %s', each.name);
           execute format('delete from %s', each.name);
         end loop;
         perform setval(oid, 1, false) from pg_class
           where relnamespace = '${name}'::regnamespace and relkind = 'S' and relname not like '${history}%';
       end $$`,
    )
  }
}

/** What says which steps a schema has. */
const history = 'hansard_migrations'
