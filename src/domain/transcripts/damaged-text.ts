import { StorageError } from '../errors.js'

/** A stored text is not what it was, or is not there: nobody can read it any more. */
export class DamagedTextError extends StorageError {
  constructor(hash: string, state: string, cause?: unknown) {
    super('STORAGE_FAILED', `The text ${hash} ${state}.`, { cause })
  }
}
