/** One profile for each storage and each way in: the same features must pass in all six. */
const profile = (storage, via) => ({
  requireModule: ['tsx/cjs'],
  require: ['features/support/*.ts', 'features/steps/*.ts'],
  paths: ['features/**/*.feature'],
  format: ['progress'],
  tags: [
    via !== 'library' && 'not @library-only',
    via === 'cli' && 'not @not-cli',
    via === 'http' && 'not @not-http',
    storage === 'postgres' && 'not @sqlite-only',
  ]
    .filter(Boolean)
    .join(' and '),
  worldParameters: { storage, via },
})

export default profile('sqlite', 'library')
export const sqliteLibrary = profile('sqlite', 'library')
export const sqliteCli = profile('sqlite', 'cli')
export const postgresLibrary = profile('postgres', 'library')
export const postgresCli = profile('postgres', 'cli')
export const sqliteHttp = profile('sqlite', 'http')
export const postgresHttp = profile('postgres', 'http')
