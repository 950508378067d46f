import { randomBytes } from 'node:crypto'
import { createRedactor, type Redactor } from '../../domain/redaction.js'
import type { Database } from './database.js'

/** Made once for the namespace; the same ever after. */
export async function redactionKey(database: Database, namespace: string, fresh: string): Promise<string> {
  const { redactionKeys } = database.tables
  const sql = `select secret from ${redactionKeys} where namespace = ?`
  const [known] = await database.query<{ secret: string }>(sql, [namespace])
  if (known) return known.secret
  const insert = `insert into ${redactionKeys} (namespace, secret) values (?, ?) on conflict do nothing`
  await database.query(insert, [namespace, fresh])
  const [made] = await database.query<{ secret: string }>(sql, [namespace])
  return made?.secret ?? fresh
}

/** The redactor of a namespace, asked for when it is first needed and kept from then on. */
export function redactorOf(database: Database, namespace: string): () => Promise<Redactor> {
  let found: Promise<Redactor> | undefined
  const find = async () => {
    const fresh = randomBytes(32).toString('hex')
    const key = await database.retrying('redaction-key', () => redactionKey(database, namespace, fresh))
    return createRedactor({ key })
  }
  const again = (error: unknown) => {
    found = undefined
    throw error
  }
  return () => (found ??= find().catch(again))
}
