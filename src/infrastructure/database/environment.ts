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
  /** `HANSARD_TRANSCRIPT_SETTINGS`: a JSON file of `{ "domains": {…}, "prices": {…}, "bodies": "…" }`. */
  transcriptSettings?: string
  /** `HANSARD_TOKEN`: what the service asks of its callers. */
  token?: string
  /** `HANSARD_TOKENS`: `acme=s1,globex=s2`, one for each namespace. */
  tokens?: string
}

export function fromEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return withoutEmpty({
    database: env.HANSARD_DATABASE,
    namespace: env.HANSARD_NAMESPACE,
    schema: env.HANSARD_SCHEMA,
    tablePrefix: env.HANSARD_TABLE_PREFIX,
    search: all(false, env.HANSARD_SEARCH_OFF),
    redact: all(true, env.HANSARD_REDACT),
    transcriptSettings: env.HANSARD_TRANSCRIPT_SETTINGS,
    token: env.HANSARD_TOKEN,
    tokens: env.HANSARD_TOKENS,
  })
}

function all(value: boolean, names: string | undefined): Record<string, boolean> | undefined {
  return names ? Object.fromEntries(names.split(',').map((name) => [name.trim(), value])) : undefined
}

/** A variable that is empty is as good as none. */
function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value))
}
