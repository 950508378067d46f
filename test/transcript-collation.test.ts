import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { Client } from 'pg'
import { makeStorage } from '../features/support/storages.js'
import { type OpenHansardOptions, openHansard } from '../src/index.js'
import { Corpus, claudeSession, lines } from './transcript-corpus.js'

const url = process.env.TEST_DATABASE_URL ?? ''
const name = `hansard_icu_${process.pid}`

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** All that uids decide, of sessions that began at once and tell of the same responses and errors. */
async function decided(options: OpenHansardOptions, paths: string[]) {
  const hansard = await openHansard(options)
  try {
    const { transcripts } = hansard
    await transcripts.ingest({ paths })
    const found = await Promise.all(sessions.map((id) => transcripts.get(`claude:${id}`)))
    const errors = await transcripts.errors()
    return {
      outputTokens: found.map(({ tokens }) => tokens.outputTokens),
      copiedFromUids: found.map(({ copiedFromUids }) => copiedFromUids),
      errors: errors.map(({ template, sample, passedIn }) => ({ template, sample, passedIn })),
    }
  } finally {
    await hansard.close()
  }
}

/** By code unit capitals come first; a language puts them beside the small letters. */
const sessions = ['a-session', 'B-session', 'c-session']

test('uids decide alike on SQLite and in a database that sorts by a language', { timeout: 60_000 }, async (t) => {
  try {
    await onServer(`create database ${name} locale_provider icu icu_locale 'en-US' template template0`)
  } catch (error) {
    t.skip(`the server makes no database with an ICU locale: ${(error as Error).message}`)
    return
  }
  const sqlite = await makeStorage.sqlite()
  const corpus = new Corpus()
  try {
    const paths = sessions.map((id) => corpus.write(`claude/${id}.jsonl`, lines(claudeSession(id, 4))))
    const database = Object.assign(new URL(url), { pathname: `/${name}` }).href
    const onPostgres = await decided({ database, migrate: 'run' }, paths)
    assert.ok(Number(onPostgres.outputTokens[1]) > 0)
    assert.deepEqual(onPostgres.outputTokens, [0, onPostgres.outputTokens[1], 0])
    assert.deepEqual(onPostgres, await decided(sqlite.options, paths))
  } finally {
    rmSync(corpus.folder, { recursive: true })
    await sqlite.remove()
    await onServer(`drop database ${name}`)
  }
})
