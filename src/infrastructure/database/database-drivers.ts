import type * as pg from 'pg'
import type { DataSourceOptions } from 'typeorm'
import { StorageError } from '../../domain/errors.js'

const driverType = { 'better-sqlite3': 'better-sqlite3', sqlite3: 'sqlite' } as const

/** TypeORM's name for a driver; for the one that is installed, unless one is asked for. */
export function sqliteType(driver?: keyof typeof driverType): 'better-sqlite3' | 'sqlite' {
  if (driver) return driverType[driver]
  if (isInstalled('better-sqlite3')) return 'better-sqlite3'
  if (isInstalled('sqlite3')) return 'sqlite'
  throw driverMissing('SQLite', 'better-sqlite3@12')
}

interface PostgresSettings {
  database: string
  schema?: string
  poolSize?: number
}

/** What TypeORM is told of a Postgres database. */
export function postgresOptions({ database, schema, poolSize = 10 }: PostgresSettings): DataSourceOptions {
  if (!isInstalled('pg')) throw driverMissing('Postgres', 'pg')
  const { Client } = require('pg') as typeof pg
  // A backend that is killed while its client is idle emits 'error' late; unheard, it would end the process.
  class SurvivingClient extends Client {
    constructor(...args: ConstructorParameters<typeof Client>) {
      super(...args)
      this.on('error', () => undefined)
    }
  }
  return {
    type: 'postgres',
    url: database,
    schema,
    poolErrorHandler: () => undefined,
    extra: {
      Client: SurvivingClient,
      max: poolSize,
      connectionTimeoutMillis: 10_000,
      query_timeout: 60_000,
    },
  }
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}

export function driverMissing(database: string, name: string): StorageError {
  return new StorageError(
    'DRIVER_MISSING',
    `${database} needs a driver that is not installed. Run: npm install ${name}`,
  )
}

/** Says what to do where the driver is here and its binary is not; any other error as it is. */
export function refuseUnbuilt(error: unknown): never {
  if (!(error instanceof Error) || !error.message.includes('Could not locate the bindings file')) throw error
  const message =
    'better-sqlite3 is installed, but its binary was not built. Allow its install script, then run: npm rebuild better-sqlite3'
  throw new StorageError('DRIVER_MISSING', message, { cause: error })
}
