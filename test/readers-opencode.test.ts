import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import Sqlite from 'better-sqlite3'
import { answered, asked, at, goOn, OpencodeDatabase, olderSession, reader, said, tokens } from './opencode-database.js'
import { eventsOf, file, found, newFolder, recordsOf, told } from './reader-files.js'
import { tally } from './transcript-tally.js'

const wanted = [
  'user_msg Please test',
  'lifecycle The file holds …',
  'thinking Tests first',
  'assistant_msg I will',
  'test_run {"command":"npm test"}',
  'tool_result 12 passed',
  'test_run {"command":"npm test"}',
  'error 1 failed',
  'edit {"filePath":"/home/ann/shop/a.ts"}',
  'human_intervention Error: The user rejected permission to use this specific tool call.',
  'edit {"filePath":"/home/ann/shop/a.ts"}',
  'error no such file',
  'tool_call {"command":"ls"}',
  'retry overloaded',
  'assistant_msg It is tested',
  'completion stop',
  'human_intervention interrupted',
  'error quota',
]
const spent = { inputTokens: 200, cacheReadTokens: 80, cacheWriteTokens: 6, outputTokens: 50 }

test('messages and their parts tell what was said and done, when, at what cost and how it ended', async () => {
  const records = await recordsOf(reader, olderSession().close())
  assert.deepEqual(told(records), wanted)
  const { tokens: sum, kinds, ...report } = tally(records)
  assert.deepEqual(sum, spent)
  const { records: count, userPrompts, assistantMessages, toolCalls, toolResults, toolErrors } = report
  assert.deepEqual([count, userPrompts, assistantMessages, toolCalls, toolResults, toolErrors], [5, 1, 4, 5, 4, 2])
  assert.deepEqual([report.malformedLines, report.unknownTypes, kinds.completion], [0, 0, 1])
  const facts = { startedAt: '2026-01-01T00:00:00.000Z', cwd: '/home/ann/shop/till', gitRoot: '/home/ann/shop' }
  const title = { text: 'Mend the till', rank: 2 }
  assert.deepEqual(records[0]?.session, { ...facts, agentVersion: '1.18.0', title })
  assert.equal(records.find(({ usage }) => usage)?.usage?.model, 'acme/acme-1')
  const call = eventsOf(records).find(({ kind }) => kind === 'test_run')
  assert.deepEqual([call?.ts, call?.toolCallId], [new Date(at(2100)).toISOString(), 'c1'])
  assert.equal(eventsOf(records).find(({ kind }) => kind === 'tool_result')?.ts, new Date(at(2150)).toISOString())
})

/** As version 2 has it: one row for each message, with what it is made of in it. */
function addNewer(made: OpencodeDatabase): void {
  made.sessionOf2('ses_2', { title: 'New session - 2026-01-01T00:00:00.000Z' })
  made.messageOf2('ses_2', 'msg_a', 'user', { text: 'Please test', time: { created: at(1000) } }, 1000)
  const content = [
    { type: 'reasoning', text: 'Tests first', time: { created: at(2010) } },
    said('I will'),
    {
      ...{ type: 'tool', id: 'c1', name: 'shell', time: { created: at(2100), completed: at(2150) } },
      state: {
        status: 'completed',
        input: { command: 'npm test' },
        content: [said('1 failed')],
        metadata: { exit: 1 },
      },
    },
    {
      ...{ type: 'tool', id: 'c2', name: 'patch', time: { created: at(2200) } },
      state: {
        status: 'error',
        input: { patchText: '*** Begin Patch' },
        error: { type: 'aborted', message: 'stopped' },
      },
    },
  ]
  const model = { providerID: 'acme', id: 'acme-1' }
  const answer = { agent: 'build', model, content, tokens, time: { created: at(2000), completed: at(2500) } }
  made.messageOf2('ses_2', 'msg_b', 'assistant', { ...answer, finish: 'tool-calls' }, 2000)
  made.messageOf2('ses_2', 'msg_c', 'shell', { command: 'git push', time: { created: at(3000) } }, 3000)
  const summary = { status: 'completed', summary: 'What was done', tokens, model, time: { created: at(4000) } }
  made.messageOf2('ses_2', 'msg_d', 'compaction', summary, 4000)
  made.messageOf2('ses_2', 'msg_e', 'model-switched', { model, time: { created: at(5000) } }, 5000)
  made.messageOf2('ses_2', 'msg_f', 'idle', { outcome: 'succeeded', time: { created: at(6000) } }, 6000)
}

test('so does version 2, with one row for each message', async () => {
  const made = new OpencodeDatabase(undefined, 'newer')
  addNewer(made)
  made.messageOf2('ses_2', 'msg_g', 'from-the-future', {}, 7000)
  const records = await recordsOf(reader, made.close())
  assert.deepEqual(told(records), [
    'user_msg Please test',
    'thinking Tests first',
    'assistant_msg I will',
    'test_run {"command":"npm test"}',
    'error 1 failed',
    'edit {"patchText":"*** Begin Patch"}',
    'human_intervention stopped',
    'human_intervention git push',
    'lifecycle What was done',
    'lifecycle acme/acme-1',
    'completion succeeded',
  ])
  const report = tally(records)
  assert.deepEqual([report.records, report.unknownTypes, report.tokens], [7, 1, spent])
  assert.equal(records[0]?.session?.title, undefined)
})

test('of what version 2 took over each message is told once, and what either went on with is told', async () => {
  const made = olderSession()
  const before = await goOn(made.path)
  made.add('newer')
  made.sessionOf2('ses_1', { title: 'Mended' })
  const copy = { ...answered(3000), content: [said('It is tested')] }
  made.messageOf2('ses_1', 'msg_3', 'assistant', copy, 3000)
  made.messageOf2('ses_1', 'msg_9', 'user', { text: 'Go on', time: { created: at(9000) } }, 9000)
  addNewer(made)
  made.message('ses_1', 'msg_8', asked(8000), 8000)
  made.part('ses_1', 'msg_8', 'prt_80', said('Once more'), 8000)
  const after = await goOn(made.path, before.cursor)
  assert.deepEqual(told(after.records).slice(0, 3), ['user_msg Once more', 'user_msg Go on', 'user_msg Please test'])
  const whole = await recordsOf(reader, made.close())
  assert.deepEqual(told(whole).slice(0, wanted.length), wanted)
  assert.deepEqual(told(whole).slice(wanted.length), told(after.records))
  const titles = whole.filter(({ sessionId, session }) => sessionId === 'ses_1' && session?.title)
  assert.deepEqual(
    titles.map(({ session, place }) => [session?.title?.text, place.byteOffset]),
    [
      ['Mend the till', 0],
      ['Mended', 1],
    ],
  )
})

test('what a fork of version 2 copied is its parent’s, and a response is one by what it was, not by its id', async () => {
  const made = new OpencodeDatabase(undefined, 'newer')
  addNewer(made)
  made.sessionOf2('ses_3', { fork: 'ses_2', title: 'Other', updatedAt: at(8000) })
  made.run(`insert into session_message select 'msg_x_' || seq, 'ses_3', type, seq, time_created, time_updated, data
    from session_message where time_created < ${at(3000)} order by seq`)
  made.messageOf2('ses_3', 'msg_y', 'user', { text: 'Another way', time: { created: at(9000) } }, 9000)
  const records = await recordsOf(reader, made.close())
  const { userPrompts, tokens: sum } = tally(records)
  assert.deepEqual([userPrompts, sum], [2, spent])
  const fork = records.filter(({ sessionId }) => sessionId === 'ses_3')
  assert.equal(fork[0]?.session?.parentSessionId, 'ses_2')
  assert.ok(fork.slice(1).every(({ copiedFrom }) => copiedFrom === 'ses_2'))
  const keys = records.flatMap(({ usage }) => usage?.key ?? [])
  assert.deepEqual([keys.length, new Set(keys).size], [3, 2])
})

test('damaged, unknown and oversized rows are counted, and stop nothing', async () => {
  const made = olderSession()
  made.message('ses_1', 'msg_6', '{"role":', 6000)
  made.message('ses_1', 'msg_7', { role: 'prophet' }, 7000)
  made.part('ses_1', 'msg_1', 'prt_4', '[]', 1000)
  made.part('ses_1', 'msg_1', 'prt_5', { type: 'omen' }, 1000)
  made.part('ses_1', 'msg_1', 'prt_6', said('x'.repeat(5000)), 1000)
  made.run("insert into message values ('msg_8', 'ses_9', 'then', 'now', x'00ff')")
  const path = made.close()
  const { records } = await goOn(path, undefined, { maxLineBytes: 4000 })
  assert.deepEqual(told(records), wanted)
  const { malformedLines, unknownTypes, oversizedLines, records: count } = tally(records)
  assert.deepEqual([count, malformedLines, unknownTypes, oversizedLines], [6, 3, 2, 1])
})

test('thoughts are added to the answer, but where they were in it; steps of one message are added up', async () => {
  const made = new OpencodeDatabase(undefined, 'older')
  made.session('ses_1')
  const total = 100 + 20 + 40 + 3
  made.message('ses_1', 'msg_1', answered(1000, { tokens: { ...tokens, total } }), 1000)
  made.message('ses_1', 'msg_2', answered(2000, { tokens: { ...tokens, total: total + 5 } }), 2000)
  made.message('ses_1', 'msg_3', answered(3000), 3000)
  for (const id of ['a', 'b']) made.part('ses_1', 'msg_3', id, { type: 'step-finish', reason: 'stop', tokens }, 3000)
  made.message('ses_1', 'msg_4', answered(4000, { time: { created: at(4000) } }), 4000)
  const usages = (await recordsOf(reader, made.close())).flatMap(({ usage }) => usage?.tokens ?? [])
  assert.deepEqual(
    usages.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens]),
    [
      [100, 20],
      [100, 25],
      [200, 50],
    ],
  )
})

test('a session that an agent started names the one that it was started by', async () => {
  const made = new OpencodeDatabase(undefined, 'older')
  made.session('ses_1')
  made.session('ses_2', { parent: 'ses_1', title: 'Child session - 2026-01-01T00:00:00.000Z' })
  const [parent, child] = await recordsOf(reader, made.close())
  assert.deepEqual([parent?.session?.parentSessionId, child?.session?.parentSessionId], [undefined, 'ses_1'])
})

test('databases are found in the data folder of the agent, or where its variables say', async () => {
  const home = newFolder()
  const folder = join(home, '.local/share/opencode')
  const add = (path: string) => {
    mkdirSync(dirname(path), { recursive: true })
    return new OpencodeDatabase(path, 'older').close()
  }
  add(join(folder, 'opencode.db'))
  add(join(folder, 'opencode-dev.db'))
  add(join(folder, 'snapshot/opencode.db'))
  add(join(home, 'other/opencode/mine.db'))
  file('.local/share/opencode/opencode-empty.db', '', home)
  file('.local/share/opencode/storage/session/p/ses_1.json', '{"id":"ses_1"}', home)
  const names = async (environment: Record<string, string>, paths?: string[]) =>
    (await found(reader, { home, environment, paths })).map(({ path }) => path.slice(home.length + 1))
  const usual = ['.local/share/opencode/opencode-dev.db', '.local/share/opencode/opencode.db']
  assert.deepEqual(await names({}), usual)
  assert.deepEqual(await names({ XDG_DATA_HOME: join(home, 'other') }), [])
  const named = ['other/opencode/mine.db']
  assert.deepEqual(await names({ XDG_DATA_HOME: join(home, 'other'), OPENCODE_DB: 'mine.db' }), named)
  assert.deepEqual(await names({ OPENCODE_DB: join(home, 'other/opencode/mine.db') }), [...usual, ...named])
  assert.deepEqual(await names({ OPENCODE_DB: ':memory:' }), usual)
  assert.deepEqual(await names({}, [join(home, 'other/opencode/mine.db')]), named)
})

test('another database is none of the agent’s', async () => {
  const path = file('opencode.db', '')
  const other = new Sqlite(path)
  other.exec('create table message (id text, data text); create table session (id text)')
  other.close()
  assert.equal(await reader.identify(path), undefined)
  assert.equal(await reader.identify(file('opencode.db', 'no database at all')), undefined)
  assert.equal(await reader.identify(file('opencode.json', '{}')), undefined)
})
