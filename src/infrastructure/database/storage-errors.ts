import { HansardError, StorageError } from '../../domain/errors.js'

const transientCodes = new Set([
  // SQLite, every flavour of it
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_BUSY_RECOVERY',
  'SQLITE_BUSY_TIMEOUT',
  'SQLITE_LOCKED',
  'SQLITE_LOCKED_SHAREDCACHE',
  // Postgres: serialization, deadlock, lock wait, shutdown, start-up, idle session, too many connections
  '40001',
  '40P01',
  '55P03',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '53300',
  '25P03',
  // sockets
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** Of a statement a mistake; of a connection, where it is fatal, a database that takes none at the time. */
const wrongState = '55000'

const transientMessages = [
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Cannot use a pool after calling end',
]

const transientNames = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError'])

/** The driver's own code: TypeORM keeps it on `driverError`, raw drivers on the error itself. */
export function driverCode(error: unknown): string | undefined {
  const { driverError, code } = error as { driverError?: { code?: unknown }; code?: unknown }
  const found = driverError?.code ?? code
  return typeof found === 'string' ? found : undefined
}

function hasTransientCode(error: unknown): boolean {
  const code = driverCode(error)
  if (code === undefined) return false
  if (code === wrongState) return severityOf(error) === 'FATAL'
  return transientCodes.has(code) || code.startsWith('08')
}

function severityOf(error: unknown): unknown {
  const { driverError, severity } = error as { driverError?: { severity?: unknown }; severity?: unknown }
  return driverError?.severity ?? severity
}

/** Whether the same work may succeed on another try. */
export function isTransient(error: unknown): boolean {
  if (error instanceof HansardError)
    return error instanceof StorageError && error.retryable && error.code !== 'OVERLOADED'
  if (hasTransientCode(error)) return true
  if (!(error instanceof Error)) return false
  return transientNames.has(error.name) || transientMessages.some((text) => error.message.includes(text))
}

/** Whether another connection holds the SQLite file. */
export function isLocked(error: unknown): boolean {
  const cause = error instanceof StorageError ? error.cause : error
  return /^SQLITE_(BUSY|LOCKED)/.test(driverCode(cause ?? {}) ?? '')
}

export function isUniqueViolation(error: unknown): boolean {
  const code = driverCode(error)
  if (code === '23505' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return true
  return code === 'SQLITE_CONSTRAINT' && error instanceof Error && error.message.includes('UNIQUE')
}

/** What a caller sees of a driver's failure: one of our errors, the original kept as `cause`. */
export function storageError(error: unknown): unknown {
  if (error instanceof HansardError || error instanceof TypeError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return isTransient(error)
    ? new StorageError('STORAGE_UNAVAILABLE', `The database did not answer: ${reason}. Try again.`, {
        cause: error,
        retryable: true,
      })
    : new StorageError('STORAGE_FAILED', `The database refused: ${reason}.`, { cause: error })
}
