import { type ErrorCode, errorCodes, isHansardError } from '../../domain/errors.js'

/** What a script can tell from the exit code alone. */
export const exitCodes = { ok: 0, invalidInput: 2, notFound: 3, expired: 3, conflict: 4, storage: 5 } as const

/** The one table from error code to exit code. */
export const exitCodeByErrorCode = Object.fromEntries(
  (Object.keys(errorCodes) as (keyof typeof errorCodes)[]).flatMap((kind) =>
    errorCodes[kind].map((code) => [code, exitCodes[kind]]),
  ),
) as Record<ErrorCode, number>

/** What is not an error of ours counts as a failure of the machinery. */
export function exitCodeOf(error: unknown): number {
  return isHansardError(error) ? exitCodeByErrorCode[error.code as ErrorCode] : exitCodes.storage
}
