import { StorageError } from '../../domain/errors.js'

const packages = ['fastify', '@fastify/swagger', '@fastify/rate-limit', 'prom-client']
const installLine = 'npm install fastify@5 @fastify/swagger@9 @fastify/rate-limit@11 prom-client@15'

/**
 * Whether the service can start here: its packages are optional, for those who never start it.
 *
 * @throws {StorageError} PACKAGE_MISSING with the line that installs them
 */
export function assertPackages(names: readonly string[] = packages): void {
  const missing = names.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  const message = `The HTTP service needs ${missing.join(', ')}, not installed here. Run: ${installLine}`
  throw new StorageError('PACKAGE_MISSING', message)
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}
