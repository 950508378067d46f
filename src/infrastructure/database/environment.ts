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
  /** `HANSARD_SEARCH_OFF`: `message,tool`, the kinds that full-text search does not find. */
  search?: Record<string, boolean>
  /** `HANSARD_REDACT`: `messages,activity`, where secrets are hidden before they are stored. */
  redact?: Record<string, boolean>
  /** `HANSARD_TRANSCRIPT_SETTINGS`: a JSON file of `{ "domains": {…}, "prices": {…} }`. */
  transcriptSettings?: string
  /** `HANSARD_TOKEN`: what the service asks of its callers. */
  token?: string
  /** `HANSARD_TOKENS`: `acme=s1,globex=s2`, one for each namespace. */
  tokens?: string
}

export function fromEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const environment: Environment = {}
  if (env.HANSARD_DATABASE) environment.database = env.HANSARD_DATABASE
  if (env.HANSARD_NAMESPACE) environment.namespace = env.HANSARD_NAMESPACE
  if (env.HANSARD_SCHEMA) environment.schema = env.HANSARD_SCHEMA
  if (env.HANSARD_TABLE_PREFIX) environment.tablePrefix = env.HANSARD_TABLE_PREFIX
  if (env.HANSARD_SEARCH_OFF) environment.search = all(false, env.HANSARD_SEARCH_OFF)
  if (env.HANSARD_REDACT) environment.redact = all(true, env.HANSARD_REDACT)
  if (env.HANSARD_TRANSCRIPT_SETTINGS) environment.transcriptSettings = env.HANSARD_TRANSCRIPT_SETTINGS
  if (env.HANSARD_TOKEN) environment.token = env.HANSARD_TOKEN
  if (env.HANSARD_TOKENS) environment.tokens = env.HANSARD_TOKENS
  return environment
}

function all(value: boolean, names: string): Record<string, boolean> {
  return Object.fromEntries(names.split(',').map((name) => [name.trim(), value]))
}
