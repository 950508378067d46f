import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { InvalidInputError, isHansardError, StorageError } from '../src/index.js'
import { retrying } from '../src/infrastructure/database/database-retry.js'
import {
  driverCode,
  isTransient,
  isUniqueViolation,
  storageError,
} from '../src/infrastructure/database/storage-errors.js'
import type { TelemetryEvent } from '../src/infrastructure/database/telemetry.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

const raw = (code: string, message = 'no') => Object.assign(new Error(message), { code })
const wrapped = (code: string, message = 'no') => Object.assign(new Error(message), { driverError: raw(code, message) })
const named = (name: string) => Object.assign(new Error('no'), { name })

test('what may pass by itself is transient, raw or wrapped by the ORM', () => {
  const codes = [
    'SQLITE_BUSY',
    'SQLITE_LOCKED',
    '40001',
    '40P01',
    '57P01',
    '57P02',
    '57P03',
    '08006',
    '53300',
    'ECONNRESET',
    'EPIPE',
  ]
  for (const code of codes) assert.ok(isTransient(raw(code)) && isTransient(wrapped(code)), code)
  assert.ok(isTransient(new Error('Connection terminated unexpectedly')))
  assert.ok(isTransient(named('QueryRunnerAlreadyReleasedError')))
  assert.ok(isTransient(new StorageError('STORAGE_UNAVAILABLE', 'no', { retryable: true })))
})

test('what would fail again is not', () => {
  for (const code of ['23505', '23503', '22P02', '42P01', 'SQLITE_CONSTRAINT', 'SQLITE_CORRUPT'])
    assert.ok(!isTransient(wrapped(code)), code)
  const ours = [
    new InvalidInputError([]),
    new StorageError('OVERLOADED', 'no', { retryable: true }),
    new StorageError('SCHEMA_STALE', 'no'),
  ]
  for (const error of [...ours, new TypeError('no'), 'no', { code: 7 }]) assert.ok(!isTransient(error))
})

test("a unique violation is told by either engine's code", () => {
  const violations = [wrapped('23505'), raw('SQLITE_CONSTRAINT_UNIQUE'), wrapped('SQLITE_CONSTRAINT_PRIMARYKEY')]
  for (const error of [...violations, raw('SQLITE_CONSTRAINT', 'UNIQUE constraint failed: a.b')])
    assert.ok(isUniqueViolation(error))
  for (const error of [wrapped('23503'), raw('SQLITE_CONSTRAINT', 'FOREIGN KEY constraint failed')])
    assert.ok(!isUniqueViolation(error))
})

test("the driver's code is found on either error, and only if it is one", () => {
  assert.equal(driverCode(wrapped('23505')), '23505')
  assert.equal(driverCode(raw('SQLITE_BUSY')), 'SQLITE_BUSY')
  assert.equal(driverCode(Object.assign(new Error('no'), { code: 7 })), undefined)
})

test('a caller sees one of our errors, with the original as its cause', () => {
  const lost = storageError(raw('ECONNRESET')) as StorageError
  assert.deepEqual([lost.code, lost.retryable, driverCode(lost.cause)], ['STORAGE_UNAVAILABLE', true, 'ECONNRESET'])
  const broken = storageError(wrapped('42P01', 'no such table')) as StorageError
  assert.deepEqual([broken.code, broken.retryable], ['STORAGE_FAILED', false])
  assert.match(broken.message, /no such table/)
  assert.match((storageError('a word') as StorageError).message, /a word/)
  for (const kept of [new InvalidInputError([]), new TypeError('no')]) assert.equal(storageError(kept), kept)
})

test('the transient is tried again, observably and not for ever', async () => {
  const events: TelemetryEvent[] = []
  const observe = (event: TelemetryEvent) => void events.push(event)
  let tries = 0
  const failing = (times: number) => () => (++tries > times ? Promise.resolve(tries) : Promise.reject(raw('40001')))
  assert.equal(await retrying('append', observe, failing(3)), 4)
  assert.deepEqual(
    events.map((event) => event.type === 'retry' && [event.operation, event.attempt]),
    [
      ['append', 1],
      ['append', 2],
      ['append', 3],
    ],
  )
  tries = 0
  await assert.rejects(retrying('append', observe, failing(99)), { code: 'STORAGE_UNAVAILABLE', retryable: true })
  assert.equal(tries, 8)
})

test('the rest is tried once', async () => {
  let tries = 0
  const fail = (error: Error) => () => {
    tries++
    return Promise.reject(error)
  }
  const silent = () => undefined
  await assert.rejects(retrying('append', silent, fail(wrapped('23503'))), { code: 'STORAGE_FAILED' })
  await assert.rejects(retrying('append', silent, fail(new TypeError('a mistake'))), TypeError)
  assert.equal(tries, 2)
})

testOnBoth('a table that is gone is a typed error', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  // What refers to it goes with it on Postgres, and stays on SQLite.
  await store.execute(`drop table session_messages${store.isSqlite ? '' : ' cascade'}`)
  await assert.rejects(hansard.sessions.appendMessage(id, { role: 'user', content: 'x' }), {
    code: 'STORAGE_FAILED',
    retryable: false,
  })
})

testOn('sqlite', 'an append waits for another process that holds the file, and then goes through', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  const { ended } = await holdFile(store.options.database.slice('sqlite:'.length), 400)
  assert.equal((await sessions.appendMessage(id, { role: 'user', content: 'x' })).sequence, 1)
  await ended
})

testOn('postgres', 'a connection killed between two calls is not noticed', async (store) => {
  const retries: TelemetryEvent[] = []
  const { sessions } = await store.open({ poolSize: 1, telemetry: (event) => void retries.push(event) })
  const { id } = await sessions.create({ actorName: 'ada' })
  for (let n = 1; n <= 5; n++) {
    await store.execute(
      `select pg_terminate_backend(pid) from pg_stat_activity where query like '%${store.schema}%' and pid <> pg_backend_pid()`,
    )
    assert.equal((await sessions.appendMessage(id, { role: 'user', content: n })).sequence, n)
  }
  assert.ok((await sessions.verify(id)).ok)
})

testOn('postgres', 'a server that does not answer is a typed error that says to try again', async (store) => {
  const url = new URL(store.options.database)
  url.port = '1'
  await assert.rejects(store.open({ database: url.href }), { code: 'STORAGE_UNAVAILABLE', retryable: true })
})

/** Another process takes the write lock; resolves when it has it, with what resolves at its end. */
async function holdFile(file: string, ms: number): Promise<{ ended: Promise<void> }> {
  const script = `const db = require('better-sqlite3')(process.argv[1]); db.exec('BEGIN IMMEDIATE'); console.log('held'); setTimeout(() => db.exec('COMMIT'), ${ms})`
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return { ended }
}

testOn(
  'postgres',
  'a Postgres database that does not exist is not found, and its password stays untold',
  async (store) => {
    for (const [path, name] of [
      ['/no_such', 'no_such'],
      ['/no%20such', 'no such'],
    ] as const) {
      const url = urlOf(store, path)
      const missing: unknown = await store.open({ database: url }).catch((error: unknown) => error)
      assert.ok(isHansardError(missing, 'DATABASE_NOT_FOUND'))
      assert.ok(missing.message.includes(`"${name}"`), missing.message)
      assert.ok(!missing.message.includes('hansard@') && !missing.message.includes('://'), missing.message)
    }
  },
)

testOn(
  'postgres',
  'a database that takes no connections at the time is unavailable, and may be tried again',
  async (store) => {
    const name = `shut_${process.pid}`
    await store.execute(`create database ${name}`)
    store.afterwards(() => store.execute(`drop database ${name}`))
    await store.execute(`alter database ${name} with allow_connections false`)
    const shut: unknown = await store.open({ database: urlOf(store, `/${name}`) }).catch((error: unknown) => error)
    assert.ok(isHansardError(shut, 'STORAGE_UNAVAILABLE'), String(shut))
    assert.equal(shut.retryable, true)
  },
)

test('55000 of a statement is a mistake, and of a connection a state that passes', () => {
  assert.ok(!isTransient(Object.assign(wrapped('55000'), { severity: 'ERROR' })))
  assert.ok(isTransient(Object.assign(raw('55000'), { severity: 'FATAL' })))
})

function urlOf({ options: { database } }: TestStore, pathname: string): string {
  return Object.assign(new URL(database), { pathname }).href
}
