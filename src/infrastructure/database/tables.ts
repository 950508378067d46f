/** Where our tables stand in a database that may be shared with a host's. */
export interface TableOptions {
  /** Postgres schema, created if missing. Defaults to the connection's own; SQLite has none. */
  schema?: string
  /** Put before every table, constraint and index name. Defaults to nothing. */
  tablePrefix?: string
}

/** Qualified, quoted names for SQL that we write ourselves; never by `search_path`. */
export class Tables {
  readonly sessions: string
  readonly messages: string
  readonly usage: string
  readonly truncations: string
  readonly metadata: string
  readonly keys: string
  readonly contexts: string
  readonly steps: string
  readonly searchEntries: string
  /** As SQLite knows it, without quotes. */
  readonly searchEntriesName: string
  /** SQLite's alone. */
  readonly searchIndex: string
  readonly searchIndexSizes: string
  readonly events: string
  readonly sources: string
  readonly rejects: string
  readonly transcripts: string
  readonly transcriptSources: string
  readonly transcriptLinks: string
  readonly transcriptTurns: string
  readonly transcriptEvents: string
  readonly transcriptAmendments: string
  readonly transcriptUsages: string
  readonly transcriptBodies: string
  readonly transcriptErrors: string
  readonly redactionKeys: string
  readonly deletions: string
  readonly outcomes: string
  readonly migrations: string

  constructor(readonly options: TableOptions = {}) {
    this.sessions = this.table('sessions')
    this.messages = this.table('session_messages')
    this.usage = this.table('session_usage')
    this.truncations = this.table('session_truncations')
    this.metadata = this.table('session_metadata')
    this.keys = this.table('idempotency_keys')
    this.contexts = this.table('contexts')
    this.steps = this.table('context_steps')
    this.searchEntries = this.table('search_entries')
    this.searchEntriesName = `${options.tablePrefix ?? ''}search_entries`
    this.searchIndex = this.table('search_index')
    this.searchIndexSizes = this.table('search_index_docsize')
    this.events = this.table('activity_events')
    this.sources = this.table('activity_sources')
    this.rejects = this.table('activity_rejects')
    this.transcripts = this.table('transcripts')
    this.transcriptSources = this.table('transcript_sources')
    this.transcriptLinks = this.table('transcript_links')
    this.transcriptTurns = this.table('transcript_turns')
    this.transcriptEvents = this.table('transcript_events')
    this.transcriptAmendments = this.table('transcript_amendments')
    this.transcriptUsages = this.table('transcript_usages')
    this.transcriptBodies = this.table('transcript_bodies')
    this.transcriptErrors = this.table('transcript_errors')
    this.redactionKeys = this.table('redaction_keys')
    this.deletions = this.table('activity_deletions')
    this.outcomes = this.table('activity_outcomes')
    this.migrations = this.table('hansard_migrations')
  }

  get transcriptEvictions(): string {
    return this.table('transcript_evictions')
  }

  table(name: string): string {
    const { schema } = this.options
    return (schema ? `${quoted(schema)}.` : '') + this.name(name)
  }

  name(name: string): string {
    return quoted((this.options.tablePrefix ?? '') + name)
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
