import type { EntitySchemaColumnOptions } from 'typeorm'
import type { TableOptions } from './tables.js'

export interface SchemaOptions extends TableOptions {
  /** False for hosts, so that their `synchronize` and `migration:generate` leave our tables alone. */
  synchronize: boolean
}

/** How the entity schemas name their tables, constraints and indexes: as the migrations do. */
export function schemaNames({ tablePrefix = '', schema, synchronize }: SchemaOptions) {
  const name = (constraint: string) => tablePrefix + constraint
  return {
    name,
    base: (tableName: string) => ({ tableName: name(tableName), schema, synchronize }),
    index: (indexName: string, columns: string[], where?: string) => ({ name: name(indexName), columns, where }),
    check: (checkName: string, expression: string) => ({ name: name(checkName), expression }),
    primary: (column: EntitySchemaColumnOptions, constraint: string): EntitySchemaColumnOptions => ({
      ...column,
      primary: true,
      primaryKeyConstraintName: name(constraint),
    }),
    /** Rows of `table` go with the row of `owner` whose id they hold. */
    owned: (table: string, owner: string, target: () => unknown) => ({
      foreignKeys: [
        {
          name: name(`fk_${table}_${owner}`),
          target: target as never,
          columnNames: [`${owner}_id`],
          referencedColumnNames: ['id'],
          onDelete: 'CASCADE' as const,
        },
      ],
    }),
  }
}
