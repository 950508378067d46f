/**
 * The boundary of a transaction, and of retry: `work` runs as a whole or not at all, and may run
 * more than once, so whatever identifies its rows is made before it.
 */
export interface UnitOfWork<Repositories> {
  inTransaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>
}
