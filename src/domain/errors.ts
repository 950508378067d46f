/** One fault in what a caller handed in: where it is, and what would be accepted. */
export interface InputProblem {
  /** Path of the value from the root of the input, such as `messages[2].content.price`. */
  path: string
  message: string
}

/**
 * Base of every error that Hansard throws on purpose. Match on `code`: codes are public and
 * never reused, messages may change. Programming mistakes stay plain `TypeError`.
 */
export abstract class HansardError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The thing named does not exist here: another tenant's looks the same as none. */
export class NotFoundError extends HansardError {
  declare readonly code: NotFoundCode

  constructor(
    code: NotFoundCode,
    readonly kind: string,
    readonly id: string,
    message: string,
  ) {
    super(code, message)
  }
}

/** The thing named existed and its lifetime is over. */
export class ExpiredError extends HansardError {
  declare readonly code: ExpiredCode

  constructor(
    code: ExpiredCode,
    readonly kind: string,
    readonly id: string,
    readonly expiredAt: Date,
    message: string,
  ) {
    super(code, message)
  }
}

/** The call was well formed and the state of the store forbids it; nothing was changed. */
export class ConflictError extends HansardError {
  declare readonly code: ConflictCode
  readonly kind: string
  readonly id: string
  readonly expected?: unknown
  readonly actual?: unknown

  constructor(
    code: ConflictCode,
    details: { kind: string; id: string; expected?: unknown; actual?: unknown },
    message: string,
  ) {
    super(code, message)
    this.kind = details.kind
    this.id = details.id
    this.expected = details.expected
    this.actual = details.actual
  }
}

/** The input itself is wrong; `problems` names each fault with its path. */
export class InvalidInputError extends HansardError {
  declare readonly code: InvalidInputCode

  constructor(
    readonly problems: InputProblem[],
    code: InvalidInputCode = 'INVALID_INPUT',
  ) {
    super(code, problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('\n'))
  }
}

/** The database, its driver or its schema stands in the way; `retryable` says whether a later try may succeed. */
export class StorageError extends HansardError {
  declare readonly code: StorageCode
  readonly retryable: boolean

  constructor(code: StorageCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(code, message, { cause: options.cause })
    this.retryable = options.retryable ?? false
  }
}

/** Every code of this package by kind: what `docs/errors.md` lists and the edges map to exit codes. */
export const errorCodes = {
  notFound: ['CONTEXT_NOT_FOUND', 'DATABASE_NOT_FOUND', 'EVENT_NOT_FOUND', 'SESSION_NOT_FOUND', 'TRANSCRIPT_NOT_FOUND'],
  expired: ['CONTEXT_CLOSED', 'CONTEXT_EXPIRED'],
  conflict: [
    'CONTEXT_CAPACITY_REACHED',
    'EXTERNAL_ID_TAKEN',
    'ID_TAKEN',
    'IDEMPOTENCY_CONFLICT',
    'ILLEGAL_TRANSITION',
    'MESSAGES_TRUNCATED',
    'SEQUENCE_CONFLICT',
    'SESSION_CHANGED',
    'SESSION_NOT_ACTIVE',
    'STEP_CAP_REACHED',
    'STEP_NOT_REPLAYABLE',
    'VERSION_CONFLICT',
    'WRONG_SUBJECT',
  ],
  invalidInput: [
    'ARCHIVE_CHECKSUM_MISMATCH',
    'ARCHIVE_MALFORMED',
    'ARCHIVE_VERSION_UNSUPPORTED',
    'CONTEXT_TOO_LARGE',
    'CONTEXT_TOO_MANY_KEYS',
    'CURSOR_INVALID',
    'EVENT_TOO_LARGE',
    'INVALID_INPUT',
    'MESSAGE_TOO_LARGE',
    'SEARCH_QUERY_INVALID',
    'STEP_TOO_LARGE',
  ],
  storage: [
    'DRIVER_MISSING',
    'ENTITIES_MISSING',
    'INSIDE_TRANSACTION',
    'OVERLOADED',
    'PACKAGE_MISSING',
    'SCHEMA_STALE',
    'SCHEMA_TOO_NEW',
    'STORAGE_FAILED',
    'STORAGE_UNAVAILABLE',
    'STORE_CLOSED',
  ],
} as const

export type NotFoundCode = (typeof errorCodes.notFound)[number]
export type ExpiredCode = (typeof errorCodes.expired)[number]
export type ConflictCode = (typeof errorCodes.conflict)[number]
export type InvalidInputCode = (typeof errorCodes.invalidInput)[number]
export type StorageCode = (typeof errorCodes.storage)[number]
export type ErrorCode = NotFoundCode | ExpiredCode | ConflictCode | InvalidInputCode | StorageCode

/** Our errors by kind: `code` tells which one it is. */
export type AnyHansardError = NotFoundError | ExpiredError | ConflictError | InvalidInputError | StorageError
type ErrorOf<Code extends ErrorCode, Kind = AnyHansardError> = Kind extends { code: infer Codes }
  ? Code extends Codes
    ? Kind
    : never
  : never

/**
 * Whether `error` is one of ours, and of `code` if given. Structural, so that two copies of the
 * package in one process agree.
 *
 * @example
 * if (isHansardError(error, 'SEQUENCE_CONFLICT')) console.log(error.expected, error.actual)
 */
export function isHansardError(error: unknown): error is AnyHansardError
export function isHansardError<Code extends ErrorCode>(error: unknown, code: Code): error is ErrorOf<Code>
export function isHansardError(error: unknown, code?: ErrorCode): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const known: readonly string[] = Object.values(errorCodes).flat()
  return code ? error.code === code : known.includes(String(error.code))
}
