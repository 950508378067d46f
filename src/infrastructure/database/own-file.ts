import { closeSync, openSync } from 'node:fs'
import { storageError } from './storage-errors.js'

/** SQLite gives its log and its index the rights of the file; one that is there keeps what its owner gave it. */
export function makeForOwnerAlone(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(error)
  }
}
