import { type MigrationNames, type MigrationSql, migrationClass, type SqlMigration } from './migration-sql.js'

/**
 * What full-text search finds: one entry a row, gone with the row that it stands for. Not entities:
 * the ORM would rebuild SQLite's tables and lose the trigger with them.
 *
 * SQLite keeps the words in an FTS5 table without a copy of the text, by the entry's number; Postgres
 * keeps them in the entry.
 */
function searchSql({ table, name }: MigrationNames): MigrationSql {
  const entries = table('search_entries')
  const index = table('search_index')
  const owner = (column: string, owners: string) =>
    `CONSTRAINT ${name(`fk_search_entries_${column}`)} FOREIGN KEY ("${column}") REFERENCES ${table(owners)} ("id") on delete cascade`
  const columns = `namespace varchar(255) not null,
        kind varchar(64) not null,
        message_id varchar(26),
        event_id varchar(26),
        anchor varchar(2048),
        at bigint not null`
  const owners = `${owner('message_id', 'session_messages')},
        ${owner('event_id', 'activity_events')}`
  const ownerIndex = (column: string) =>
    `create unique index ${name(`uq_search_entries_${column}`)} on ${entries} (${column}) where ${column} is not null`
  const ownerIndexes = [ownerIndex('message_id'), ownerIndex('event_id')]
  return {
    sqlite: {
      up: [
        // A number is never given twice: what a search found a moment ago is no other entry now.
        `create table ${entries} (
        n integer primary key autoincrement not null,
        ${columns},
        ${owners}
      )`,
        ...ownerIndexes,
        // Tokens come folded and divided, so that the tokenizer has nothing of its own to decide.
        `create virtual table ${index} using fts5(body, scope, content='', contentless_delete=1, tokenize='ascii')`,
        `create trigger ${table('search_entries_deleted')} after delete on ${entries} begin
        delete from ${index} where rowid = old.n;
      end`,
      ],
      down: [`drop trigger ${table('search_entries_deleted')}`, `drop table ${index}`, `drop table ${entries}`],
    },
    postgres: {
      up: [
        `create table ${entries} (
        n bigint generated always as identity constraint ${name('pk_search_entries')} primary key,
        ${columns},
        body tsvector not null,
        ${owners}
      )`,
        ...ownerIndexes,
        `create index ${name('ix_search_entries_namespace')} on ${entries} (namespace, n)`,
        // A long list of what is not yet in the index would be read by every search.
        `create index ${name('ix_search_entries_body')} on ${entries} using gin (body) with (gin_pending_list_limit = 256)`,
      ],
      down: [`drop table ${entries}`],
    },
  }
}

export const search1763942400000: (names: MigrationNames) => new () => SqlMigration = (names) =>
  migrationClass('Search1763942400000', searchSql(names))
