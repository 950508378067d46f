import assert from 'node:assert/strict'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretToken as secret } from '../features/support/secret-token.js'
import { openHansard } from '../src/index.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

// Search parts it at the line.
async function assertNowhere(store: TestStore, part: string = secret.slice(4)): Promise<void> {
  assert.deepEqual(await store.tablesWith(part), [])
}

testOnBoth('messages are redacted before they are stored, hashed or found, when it is asked for', async (store) => {
  const hansard = await store.open({ redact: { messages: true } })
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const message = {
    role: 'tool' as const,
    content: { output: ['before', `token ${secret} after`], password: 'hunter2-and-more' },
    metadata: { call: `curl -H "Authorization: Bearer ${secret}"` },
  }
  const append = () => hansard.sessions.appendMessages(id, [message], { idempotencyKey: 'once' })
  const [stored] = await append()
  const text = JSON.stringify(stored)
  assert.match(text, /"token \[redacted:github:[0-9a-f]{4}\] after"/)
  assert.match(text, /"password":"\[redacted:password:[0-9a-f]{4}\]"/)
  assert.match(text, /"call":"curl -H \\"Authorization: Bearer \[redacted:/)
  const [again] = await append()
  assert.deepEqual([again?.id, again?.content], [stored?.id, stored?.content])
  const other = { ...message, content: 'something else' }
  await assert.rejects(hansard.sessions.appendMessages(id, [other], { idempotencyKey: 'once' }), {
    code: 'IDEMPOTENCY_CONFLICT',
  })
  assert.deepEqual((await hansard.sessions.verify(id)).problems, [])
  assert.equal((await hansard.search('before')).items.length, 1)
  await assertNowhere(store)
})

/** By name, what no table may hold; a part of it neither. */
const escaped = {
  password: ['hun"ter2xyz', 'ter2xyz'],
  db_password: ['p9"secretrest', 'secretrest'],
  passphrase: ['line\nbreak9secret', 'break9secret'],
  passwd: ['back\\slash9tail', 'slash9tail'],
  'the "pwd': ['"quoted4here', 'quoted4here'],
  pwd: [87_654_321, '87654321'],
} as const
const beside = { pwdAge: 87_654, count: 12_345_678, command: 'mysql -phun9ter\nls "a"', cookie: 'sid=abc9def8; b="x"' }

testOnBoth('a value that JSON writes in signs of its own, or without quotes, is redacted whole', async (store) => {
  const hansard = await store.open({ redact: { messages: true, activity: true } })
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const values = Object.fromEntries(Object.entries(escaped).map(([name, [value]]) => [name, value]))
  const message = { role: 'tool' as const, content: { ...values, ...beside }, metadata: values }
  const { content, metadata } = await hansard.sessions.appendMessage(id, message)
  const { payload } = await hansard.activity.record({ kind: 'tool', name: 'Bash', payload: { input: values } })
  for (const stored of [content, metadata, payload.input] as Record<string, string>[]) {
    for (const name of Object.keys(escaped))
      assert.match(String(stored[name]), /^\[redacted:password:[0-9a-f]{4}\]$/, name)
  }
  const { pwdAge, count, command, cookie } = content as Record<string, unknown>
  assert.deepEqual([pwdAge, count], [87_654, 12_345_678])
  assert.match(String(command), /^mysql -p\[redacted:command-password:[0-9a-f]{4}\]\nls "a"$/)
  assert.match(String(cookie), /^\[redacted:cookie:[0-9a-f]{4}\]"x"$/)
  for (const [, part] of Object.values(escaped)) await assertNowhere(store, part)
})

testOnBoth('events are redacted however they come in, and a retry is known for one', async (store) => {
  const hansard = await store.open({ redact: { activity: true } })
  const event = {
    ...{ kind: 'tool', name: 'Bash', path: `/home/${secret}/a.ts`, nativeId: 'n1' },
    payload: { content: `export TOKEN=${secret}` },
  }
  const first = await hansard.activity.record(event)
  const again = await hansard.activity.record(event)
  assert.equal(again.id, first.id)
  assert.match(first.path ?? '', /^\/home\/\[redacted:github:[0-9a-f]{4}\]\/a\.ts$/)
  await hansard.activity.recordAll([{ ...event, nativeId: 'n2' }])
  const sink = hansard.activity.sink()
  sink.send({ event: 'state_enter', loop: 'deploy', state: 'push', note: `with ${secret}` })
  assert.equal((await sink.close()).recorded, 1)
  await assertNowhere(store)
})

testOn('postgres', 'a namespace has one key for all that is redacted in it', async (store) => {
  const hansard = await store.open({ redact: { messages: true, activity: true } })
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const [message] = await hansard.sessions.appendMessages(id, [{ role: 'user', content: secret }])
  const event = await hansard.activity.record({ kind: 'tool', name: 'Bash', path: secret })
  assert.equal(message?.content, event.path)
  const other = hansard.namespace('other')
  assert.notEqual((await other.activity.record({ kind: 'tool', name: 'Bash', path: secret })).path, event.path)
})

testOnBoth('nothing is redacted unless it is asked for, and what is asked for must have a meaning', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const [message] = await hansard.sessions.appendMessages(id, [{ role: 'user', content: secret }])
  assert.equal(message?.content, secret)
  const search = store.isSqlite ? 'search_index_data' : 'search_entries'
  assert.deepEqual(await store.tablesWith(secret.slice(4)), [search, 'session_messages'])
  await assert.rejects(store.open({ redact: { everything: true } as object }), { code: 'INVALID_INPUT' })
})

testOn('sqlite', 'a file that we make is for its owner alone; one that is there stays as it is', async (store) => {
  const file = store.options.database.slice('sqlite:'.length)
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
  const hansard = await store.open()
  await hansard.sessions.create({ actorName: 'ada' })
  const made = [file, `${file}-wal`, `${file}-shm`].filter(existsSync)
  assert.deepEqual([made.length, ...new Set(made.map(mode))], [3, '600'])
  const folder = join(file, '..', 'shared')
  mkdirSync(folder)
  const given = join(folder, 'given.db')
  writeFileSync(given, '', { mode: 0o664 })
  const before = mode(given)
  const shared = await openHansard({ database: `sqlite:${given}` })
  assert.equal(mode(given), before)
  await shared.close()
})
