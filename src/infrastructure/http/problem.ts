import { STATUS_CODES } from 'node:http'
import {
  type ErrorCode,
  errorCodes,
  HansardError,
  type InputProblem,
  InvalidInputError,
  isHansardError,
} from '../../domain/errors.js'

/** What only the service can find wrong; every other code is the library's own. */
export const serviceCodes = [
  'BODY_TOO_LARGE',
  'DIGEST_NOT_READY',
  'HOST_NOT_ALLOWED',
  'INTERNAL',
  'MEDIA_TYPE_UNSUPPORTED',
  'METHOD_NOT_ALLOWED',
  'NAMESPACE_FORBIDDEN',
  'RATE_LIMITED',
  'ROUTE_NOT_FOUND',
  'UNAUTHENTICATED',
] as const
export type ServiceCode = (typeof serviceCodes)[number]

/** The one table from code to status: a code without a status does not compile. */
export const statusByCode: Record<ErrorCode | ServiceCode, number> = {
  CONTEXT_NOT_FOUND: 404,
  DATABASE_NOT_FOUND: 404,
  EVENT_NOT_FOUND: 404,
  TRANSCRIPT_NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  CONTEXT_CLOSED: 410,
  CONTEXT_EXPIRED: 410,
  CONTEXT_CAPACITY_REACHED: 429,
  EXTERNAL_ID_TAKEN: 409,
  ID_TAKEN: 409,
  IDEMPOTENCY_CONFLICT: 409,
  ILLEGAL_TRANSITION: 409,
  MESSAGES_TRUNCATED: 409,
  // What If-Match promises.
  SEQUENCE_CONFLICT: 412,
  SESSION_CHANGED: 409,
  SESSION_NOT_ACTIVE: 409,
  STEP_CAP_REACHED: 413,
  STEP_NOT_REPLAYABLE: 409,
  VERSION_CONFLICT: 409,
  WRONG_SUBJECT: 403,
  ARCHIVE_CHECKSUM_MISMATCH: 422,
  ARCHIVE_MALFORMED: 422,
  ARCHIVE_VERSION_UNSUPPORTED: 422,
  CONTEXT_TOO_LARGE: 413,
  CONTEXT_TOO_MANY_KEYS: 413,
  CURSOR_INVALID: 422,
  EVENT_TOO_LARGE: 413,
  INVALID_INPUT: 422,
  MESSAGE_TOO_LARGE: 413,
  SEARCH_QUERY_INVALID: 422,
  STEP_TOO_LARGE: 413,
  DRIVER_MISSING: 500,
  ENTITIES_MISSING: 500,
  INSIDE_TRANSACTION: 500,
  OVERLOADED: 503,
  PACKAGE_MISSING: 500,
  SCHEMA_STALE: 503,
  SCHEMA_TOO_NEW: 503,
  STORAGE_FAILED: 500,
  STORAGE_UNAVAILABLE: 503,
  STORE_CLOSED: 503,
  BODY_TOO_LARGE: 413,
  DIGEST_NOT_READY: 404,
  HOST_NOT_ALLOWED: 421,
  INTERNAL: 500,
  MEDIA_TYPE_UNSUPPORTED: 415,
  METHOD_NOT_ALLOWED: 405,
  NAMESPACE_FORBIDDEN: 403,
  RATE_LIMITED: 429,
  ROUTE_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
}

/** A refusal of the service's own, with the headers that HTTP wants beside it. */
export class ServiceError extends HansardError {
  constructor(
    code: ServiceCode,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(code, message)
  }
}

/** What is no request that HTTP allows, and so not one whose content could be judged. */
export class MalformedRequestError extends InvalidInputError {
  readonly status = 400
}

/** RFC 9457, with our code and what the library's error carries. */
export interface Problem {
  type: 'about:blank'
  title: string
  status: number
  detail: string
  code: string
  problems?: InputProblem[]
  expected?: unknown
  actual?: unknown
}

export interface ProblemReply {
  problem: Problem
  headers: Record<string, string>
  /** Nothing a caller did: somebody should look at it. */
  isFault: boolean
}

/** What a caller is told of an error: never a stack, SQL, a path of this machine or a token. */
export function problemReply(error: unknown): ProblemReply {
  const code = codeOf(error)
  const status = error instanceof MalformedRequestError ? error.status : statusByCode[code]
  const { problems, expected, actual } = error as Partial<Problem>
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: detailOf(error, code),
    code,
    ...(isPlain(error) && { problems, expected, actual }),
  }
  return { problem, headers: headersOf(error, code), isFault: status >= 500 }
}

function codeOf(error: unknown): ErrorCode | ServiceCode {
  if (error instanceof ServiceError) return error.code as ServiceCode
  return isHansardError(error) ? (error.code as ErrorCode) : 'INTERNAL'
}

const storageCodes: readonly string[] = errorCodes.storage

/** Whether the error's own words are about the request alone. */
function isPlain(error: unknown): error is HansardError {
  if (error instanceof ServiceError) return true
  return isHansardError(error) && !storageCodes.includes(error.code) && error.code !== 'DATABASE_NOT_FOUND'
}

/** The words of storage errors quote SQL, addresses and paths: those are for the log. */
function detailOf(error: unknown, code: ErrorCode | ServiceCode): string {
  return isPlain(error) ? error.message : (publicDetails[code] ?? 'The service failed; its log says why.')
}

const publicDetails: Partial<Record<ErrorCode | ServiceCode, string>> = {
  OVERLOADED: 'Too many writes are waiting. Slow down and try again, with the same Idempotency-Key.',
  SCHEMA_STALE: 'The database lacks migrations. Run: hansard migrate up',
  SCHEMA_TOO_NEW: 'The database was migrated by a newer release. Upgrade the service.',
  STORAGE_UNAVAILABLE: 'The database did not answer. Try again, with the same Idempotency-Key.',
  STORE_CLOSED: 'The service is stopping. Try again when it is back.',
}

/** Seconds after which what was refused may be sent again; somebody has to act first where they are more. */
const retryAfter: Partial<Record<ErrorCode | ServiceCode, number>> = {
  CONTEXT_CAPACITY_REACHED: 10,
  OVERLOADED: 1,
  SCHEMA_STALE: 30,
  SCHEMA_TOO_NEW: 30,
  STORAGE_UNAVAILABLE: 1,
  STORE_CLOSED: 1,
}

function headersOf(error: unknown, code: ErrorCode | ServiceCode): Record<string, string> {
  if (error instanceof ServiceError) return error.headers
  const seconds = retryAfter[code]
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}
