import assert from 'node:assert/strict'
import { copyFileSync, renameSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { answered, asked, at, bash, called, OpencodeDatabase, olderSession, said, tokens } from './opencode-database.js'
import { newFolder } from './reader-files.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { assertTokensOfEvents, contents } from './transcript-contents.js'
import { transcriptStore } from './transcript-store.js'

/** What is told, without how often a line of it was. */
async function toldIn(store: TestStore, namespace: string) {
  const { links: _, ...told } = await contents(store, namespace)
  return told
}

let stores = 0

async function assertAsFresh(store: TestStore, namespace: string, paths: string[]): Promise<void> {
  const fresh = `fresh ${++stores}`
  const transcripts = await transcriptStore(store, { namespace: fresh })
  await transcripts.ingest({ paths })
  await assertTokensOfEvents(transcripts)
  assert.deepEqual(await toldIn(store, namespace), await toldIn(store, fresh))
}

testOnBoth(
  'a database that is written to is gone on with: what is told follows from what stands there',
  async (store) => {
    const made = olderSession()
    const paths = [made.path]
    const transcripts = await transcriptStore(store, { namespace: 'live' })
    const report = await transcripts.ingest({ paths })
    assert.deepEqual(
      report.transcripts.map(({ uid, records, toolCalls }) => [uid, records, toolCalls]),
      [['opencode:ses_1', 5, 5]],
    )
    const steps = [
      () => made.write('part', 'prt_17', called('c5', 'bash', bash('done', 0, 2450)), 6000),
      () => made.message('ses_1', 'msg_6', answered(7000, { time: { created: at(7000) }, tokens: {} }), 7000),
      () => made.part('ses_1', 'msg_6', 'prt_60', said('It'), 7000),
      () => made.write('part', 'prt_60', said('It is all there'), 7000),
      () => made.write('message', 'msg_6', answered(7000), 7500),
      () => made.run('update session set title = ?, time_updated = ?', 'All there', at(8000)),
      () => made.run("delete from message where id = 'msg_5'"),
      () => made.message('ses_1', 'msg_7', asked(9000), 9000),
    ]
    for (const step of steps) {
      step()
      await transcripts.ingest({ paths })
      await assertAsFresh(store, 'live', paths)
    }
    const { title, generation, tokens: spent, model, repo } = await transcripts.get('opencode:ses_1')
    assert.deepEqual([title, generation, model, repo], ['All there', 2, 'acme/acme-1', '/home/ann/shop'])
    assert.deepEqual([spent.inputTokens, spent.outputTokens], [300, 75])
    made.close()
  },
)

testOnBoth('one that is as it was is not read, and one that was merely touched keeps its events', async (store) => {
  const made = olderSession()
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [made.path] })
  const ids = async () => (await transcripts.events('opencode:ses_1')).items.map(({ id }) => id)
  const before = await ids()
  const again = await transcripts.ingest({ paths: [made.path] })
  assert.deepEqual([again.sources.unchanged, again.sources.read], [1, 0])
  made.close()
  utimesSync(made.path, 1_800_000_000, 1_800_000_000)
  const touched = await transcripts.ingest({ paths: [made.path] })
  assert.deepEqual([touched.sources.read, touched.transcripts, await ids()], [1, [], before])
})

testOnBoth('what version 2 took over, a fork and a copy of the file add nothing twice', async (store) => {
  const made = olderSession()
  const transcripts = await transcriptStore(store, { namespace: 'copies' })
  await transcripts.ingest({ paths: [made.path] })
  made.add('newer')
  made.sessionOf2('ses_1')
  made.sessionOf2('ses_2', { fork: 'ses_1', title: 'Another way', updatedAt: at(9000) })
  const row = (role: string, ms: number, text: string) =>
    role === 'user' ? { text, time: { created: at(ms) } } : { ...answered(ms), content: [said(text)] }
  for (const [session, prefix] of [
    ['ses_1', 'msg_'],
    ['ses_2', 'msg_evt_'],
  ] as const) {
    made.messageOf2(session, `${prefix}1`, 'user', row('user', 1000, 'Please test'), 1000)
    made.messageOf2(session, `${prefix}2`, 'assistant', row('assistant', 2000, 'I will'), 2000)
    made.messageOf2(session, `${prefix}3`, 'assistant', row('assistant', 3000, 'It is tested'), 3000)
  }
  made.messageOf2('ses_2', 'msg_other', 'assistant', row('assistant', 9500, 'Another way'), 9500)
  const paths = [made.path]
  const { transcripts: changed } = await transcripts.ingest({ paths })
  await assertAsFresh(store, 'copies', paths)
  assert.deepEqual(
    new Set(changed.map(({ uid, records }) => `${uid} ${records}`)),
    new Set(['opencode:ses_1 5', 'opencode:ses_2 4']),
  )
  const fork = await transcripts.get('opencode:ses_2')
  assert.deepEqual([fork.parentUid, fork.copiedFromUids], ['opencode:ses_1', ['opencode:ses_1']])
  assert.deepEqual([fork.tokens.inputTokens, fork.tokensUncertain, fork.lastSeq], [tokens.input, false, 1])
  const path = made.close()
  const copy = join(newFolder(), '..', `copy ${stores}.db`)
  copyFileSync(path, copy)
  const before = await transcripts.get('opencode:ses_1')
  await transcripts.ingest({ paths: [copy] })
  const after = await transcripts.get('opencode:ses_1')
  assert.deepEqual([after.tokens, after.lastSeq, after.sources.length], [before.tokens, before.lastSeq, 2])
})

testOnBoth('a database that was moved is the source that it was', async (store) => {
  const path = olderSession().close()
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [path] })
  const { items } = await transcripts.events('opencode:ses_1')
  const moved = `${path}.db`
  renameSync(path, moved)
  assert.equal((await transcripts.ingest({ paths: [moved] })).sources.read, 1)
  assert.deepEqual((await transcripts.events('opencode:ses_1')).items, items)
  const { sources } = await transcripts.get('opencode:ses_1')
  assert.deepEqual(
    sources.map((each) => each.path),
    [moved],
  )
})

testOnBoth('another database that takes the place of one is read anew', async (store) => {
  const path = olderSession().close()
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [path] })
  const other = new OpencodeDatabase(undefined, 'newer')
  other.sessionOf2('ses_9')
  other.messageOf2('ses_9', 'msg_1', 'user', { text: 'Hello', time: { created: at(1000) } }, 1000)
  renameSync(other.close(), path)
  await transcripts.ingest({ paths: [path] })
  const { items } = await transcripts.list()
  const found = items.filter(({ lastSeq }) => lastSeq > 0).map(({ uid }) => uid)
  assert.deepEqual(found, ['opencode:ses_9'])
})
