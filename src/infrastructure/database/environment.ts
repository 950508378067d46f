/** What the environment can say; read here and nowhere else, by the command line and `ormconfig.ts`. */
export interface Environment {
  /** `HANSARD_DATABASE`: `sqlite:./file.db` or `postgres://…`. */
  database?: string
  /** `HANSARD_NAMESPACE`. */
  namespace?: string
  /** `HANSARD_SCHEMA`: the Postgres schema of the tables. */
  schema?: string
  /** `HANSARD_TABLE_PREFIX`. */
  tablePrefix?: string
}

export function fromEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const environment: Environment = {}
  if (env.HANSARD_DATABASE) environment.database = env.HANSARD_DATABASE
  if (env.HANSARD_NAMESPACE) environment.namespace = env.HANSARD_NAMESPACE
  if (env.HANSARD_SCHEMA) environment.schema = env.HANSARD_SCHEMA
  if (env.HANSARD_TABLE_PREFIX) environment.tablePrefix = env.HANSARD_TABLE_PREFIX
  return environment
}
