import Module from 'node:module'
import { isHansardError, openHansard } from '../../src/index.js'

type Resolve = (request: string, ...rest: unknown[]) => string

/** Makes this process one in which no database driver was ever installed. */
const resolver = Module as unknown as { _resolveFilename: Resolve }
const resolve = resolver._resolveFilename
resolver._resolveFilename = function (request, ...rest) {
  if (!['better-sqlite3', 'sqlite3', 'pg'].includes(request)) return resolve.call(this, request, ...rest)
  throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' })
}

openHansard({ database: process.argv[2] }).catch((error: unknown) => {
  process.stdout.write(isHansardError(error) ? `${error.code}: ${error.message}` : String(error))
})
