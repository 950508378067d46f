/** What the environment can say; read here and nowhere else, by the command line and `ormconfig.ts`. */
export interface Environment {
  /** `HANSARD_DATABASE`: `sqlite:./file.db` or `postgres://…`. */
  database?: string
  /** `HANSARD_NAMESPACE`. */
  namespace?: string
}

export function fromEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const environment: Environment = {}
  if (env.HANSARD_DATABASE) environment.database = env.HANSARD_DATABASE
  if (env.HANSARD_NAMESPACE) environment.namespace = env.HANSARD_NAMESPACE
  return environment
}
