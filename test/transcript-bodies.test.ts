import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { secretToken as secret } from '../features/support/secret-token.js'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import { openHansard } from '../src/index.js'
import { type Body, BodyFolder } from '../src/infrastructure/database/body-folder.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const uid = `claude:${session}`
const everything = { softCapBytes: 0, hardCapBytes: 0, maxAgeMs: 0 }

interface Scene {
  store: TestStore
  corpus: Corpus
  /** Where its bodies are; nothing has made it yet. */
  bodies: string
  paths: string[]
}

function scene(work: (scene: Scene) => Promise<void>): (store: TestStore) => Promise<void> {
  return async (store) => {
    const corpus = new Corpus()
    store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
    const paths = corpus.writeAll()
    await work({ store, corpus, bodies: corpus.path('bodies'), paths })
  }
}

/** Every file below a folder, and every folder. */
function below(folder: string): { files: string[]; folders: string[] } {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = (those: typeof entries) => those.map((each) => join(each.parentPath, each.name)).sort()
  return {
    files: paths(entries.filter((each) => each.isFile())),
    folders: [folder, ...paths(entries.filter((each) => each.isDirectory()))],
  }
}

const named = (folder: string) => below(folder).files.map((file) => basename(file))

async function hashesIn(store: TestStore, where: string): Promise<string[]> {
  const rows = await store.execute(`select sha256 from ${store.table('transcript_bodies')} where ${where}`)
  return rows.map(({ sha256 }) => String(sha256)).sort()
}

async function textsOf(transcripts: TranscriptService): Promise<(string | null)[]> {
  const { items } = await transcripts.events(uid, { withBodies: true, limit: 1000 })
  return items.map(({ body }) => body)
}

testOnBoth(
  'with bodies in a folder, tables, texts, digests and evictions are those of a store without one',
  scene(async ({ store, corpus, bodies, paths }) => {
    const clock = () => new Date(Date.UTC(2026, 0, 2))
    const apart = await transcriptStore(store, { bodies, clock })
    const whole = await transcriptStore(store, { namespace: 'whole', clock })
    for (const transcripts of [apart, whole]) await transcripts.ingest({ paths })
    assert.deepEqual(await contents(store, 'default'), await contents(store, 'whole'))
    assert.deepEqual(await textsOf(apart), await textsOf(whole))
    assert.deepEqual(await apart.digest(uid), await whole.digest(uid))
    const hashes = await hashesIn(store, `namespace = 'default' and content is null`)
    assert.ok(hashes.length > 0)
    assert.deepEqual(named(bodies).sort(), hashes)
    assert.deepEqual(await hashesIn(store, `namespace = 'whole' and content is not null`), hashes)
    const { files, folders } = below(bodies)
    for (const file of files) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file)
      assert.equal(basename(join(file, '..')), basename(file).slice(0, 2))
    }
    for (const folder of folders) assert.equal(statSync(folder).mode & 0o777, 0o700, folder)
    await whole.hold(uid, 'evidence')
    await apart.hold(uid, 'evidence')
    assert.deepEqual(await apart.evict(everything), await whole.evict(everything))
    const held = await hashesIn(store, `namespace = 'default'`)
    assert.ok(held.length > 0)
    assert.deepEqual(named(bodies).sort(), held)
    for (const transcripts of [apart, whole]) await transcripts.release(uid)
    const report = await apart.evict(everything)
    assert.deepEqual(report, await whole.evict(everything))
    assert.equal(report.bytesAfter, 0)
    assert.deepEqual(named(bodies), [])
    const copy = corpus.write('claude/copy.jsonl', readFileSync(corpus.path(`claude/${session}.jsonl`)))
    for (const transcripts of [apart, whole]) await transcripts.ingest({ paths: [copy] })
    assert.deepEqual(named(bodies), [])
    for (const transcripts of [apart, whole]) await transcripts.ingest({ paths, again: true })
    assert.deepEqual(await contents(store, 'default'), await contents(store, 'whole'))
    assert.deepEqual(await textsOf(apart), await textsOf(whole))
  }),
)

testOnBoth(
  'files that no transaction named go with the next collection, and so does what was half written',
  scene(async ({ store, bodies, paths }) => {
    const transcripts = await transcriptStore(store, { bodies })
    const usages = store.table('transcript_usages')
    await store.execute(`alter table ${usages} rename to away`)
    await assert.rejects(transcripts.ingest({ paths }), { code: 'STORAGE_FAILED' })
    await store.execute(`alter table ${store.table('away')} rename to transcript_usages`)
    assert.deepEqual(await hashesIn(store, '1 = 1'), [])
    const [first = ''] = below(bodies).files
    assert.ok(first)
    writeFileSync(`${first}.00000000-0000-4000-8000-000000000000.tmp`, 'half')
    writeFileSync(join(first, '..', 'README'), 'of somebody else')
    const { orphans } = await transcripts.evict({ dryRun: true })
    assert.ok(named(bodies).length > 2)
    assert.deepEqual((await transcripts.evict({})).orphans, orphans)
    assert.deepEqual(named(bodies), ['README'])
    await transcripts.ingest({ paths })
    assert.deepEqual(
      named(bodies)
        .filter((name) => name !== 'README')
        .sort(),
      await hashesIn(store, '1 = 1'),
    )
  }),
)

testOnBoth(
  'a text that is taken up again while it is collected keeps its file',
  scene(async ({ store, corpus, bodies }) => {
    const reading = await transcriptStore(store, { bodies })
    const collecting = await transcriptStore(store, { bodies })
    const told = (turns: number) => lines(claudeSession(session, turns))
    for (let round = 0; round < 6; round++) {
      await reading.ingest({ paths: [corpus.write('a.jsonl', told(0))] })
      const paths = [corpus.write('a.jsonl', told(12))]
      await Promise.all([reading.ingest({ paths }), collecting.evict({}), collecting.evict({})])
      await collecting.evict({})
      const hashes = await hashesIn(store, '1 = 1')
      assert.ok(hashes.length > 0)
      assert.deepEqual(named(bodies).sort(), hashes)
      assert.ok((await textsOf(reading)).every((body) => body !== null))
    }
  }),
)

/** A folder beside which something happens once: as soon as files were written to it, or before one is read. */
class Interrupted extends BodyFolder {
  interrupt: (() => Promise<unknown>) | undefined

  override async write(shelf: string, bodies: Body[]): Promise<void> {
    await super.write(shelf, bodies)
    await this.once()
  }

  override async read(shelf: string, hash: string): Promise<Buffer | undefined> {
    await this.once()
    return super.read(shelf, hash)
  }

  private async once(): Promise<void> {
    const { interrupt } = this
    this.interrupt = undefined
    await interrupt?.()
  }
}

testOnBoth(
  'a file that is collected before the transaction that names it is written once more',
  scene(async ({ store, bodies, paths }) => {
    const folder = new Interrupted(bodies)
    const reading = await transcriptStore(store, { bodies: folder })
    const collecting = await transcriptStore(store, { bodies })
    let collected: string[][] = []
    folder.interrupt = async () => {
      const written = named(bodies)
      await collecting.evict({})
      collected = [written, named(bodies)]
    }
    await reading.ingest({ paths })
    assert.ok(collected[0]?.length)
    assert.deepEqual(collected[1], [])
    assert.deepEqual(named(bodies).sort(), await hashesIn(store, '1 = 1'))
    assert.ok((await textsOf(reading)).every((body) => body !== null))
  }),
)

testOnBoth(
  'a text that is evicted while it is read is gone, and not missing',
  scene(async ({ store, bodies, paths }) => {
    const folder = new Interrupted(bodies)
    const reading = await transcriptStore(store, { bodies: folder })
    const evicting = await transcriptStore(store, { bodies })
    await reading.ingest({ paths })
    const kept = await textsOf(reading)
    folder.interrupt = () => evicting.evict(everything)
    const found = await textsOf(reading)
    assert.equal(folder.interrupt, undefined)
    assert.ok(kept.every((body, index) => found[index] === (String(body).length > 4096 ? null : body)))
  }),
)

testOnBoth(
  'a text that another program spoiled is told as such, and can go as a loss',
  scene(async ({ store, bodies, paths }) => {
    const transcripts = await transcriptStore(store, { bodies })
    await transcripts.ingest({ paths })
    const [row] = await store.execute(
      `select body_hash from ${store.table('transcript_events')} e join ${store.table('transcripts')} t on t.id = e.transcript_id
       where t.uid = '${uid}' and body_hash is not null limit 1`,
    )
    const hash = String(row?.body_hash)
    const file = below(bodies).files.find((each) => basename(each) === hash) ?? ''
    const spoil: [() => void, RegExp][] = [
      [() => writeFileSync(file, 'none'), /is damaged/],
      [() => writeFileSync(file, deflateSync('another text')), /is another one/],
      [() => rmSync(file), /is missing/],
    ]
    for (const [spoiling, message] of spoil) {
      spoiling()
      const code = 'STORAGE_FAILED'
      await assert.rejects(transcripts.events(uid, { withBodies: true, limit: 1000 }), { code, message })
    }
    await store.execute(`update ${store.table('transcripts')} set is_analyzed = 0`)
    const report = await transcripts.evict({ ...everything, maxAgeMs: undefined })
    assert.ok(report.decisions.some((each) => each.uid === uid && each.action === 'lost'))
    assert.deepEqual([report.bytesAfter, named(bodies)], [0, []])
    await transcripts.ingest({ paths, again: true })
    assert.ok((await textsOf(transcripts)).every((body) => body !== null))
  }),
)

testOnBoth(
  'a text that this process cannot get at is no loss: it stays',
  scene(async ({ store, bodies, paths }) => {
    const apart = await transcriptStore(store, { bodies })
    await apart.ingest({ paths })
    await store.execute(`update ${store.table('transcripts')} set is_analyzed = 0`)
    const report = await (await transcriptStore(store)).evict(everything)
    assert.deepEqual(report.dataLoss, { transcripts: 0, bytes: 0 })
    const [staying] = report.decisions.filter(({ action }) => action === 'incomplete')
    assert.match(staying?.why ?? '', /No digest of it can be made: .+transcripts\.bodies/)
    assert.ok((await textsOf(apart)).every((body) => body !== null))
  }),
)

testOnBoth(
  'rows tell where a text is, whatever the store is opened with',
  scene(async ({ store, corpus, bodies }) => {
    const within = await transcriptStore(store)
    const apart = await transcriptStore(store, { bodies })
    const path = corpus.write('a.jsonl', lines(claudeSession(session, 3)))
    await within.ingest({ paths: [path] })
    const before = await hashesIn(store, 'content is not null')
    appendFileSync(path, lines(claudeSession(session, 12).slice(12)))
    await apart.ingest({ paths: [path] })
    assert.deepEqual(await hashesIn(store, 'content is not null'), before)
    assert.deepEqual(named(bodies).sort(), await hashesIn(store, 'content is null'))
    assert.ok((await textsOf(apart)).every((body) => body !== null))
    await assert.rejects(textsOf(within), { code: 'STORAGE_FAILED', message: /transcripts\.bodies/ })
    await within.evict(everything)
    assert.ok(named(bodies).length > 0)
    await apart.evict({})
    assert.deepEqual([named(bodies), await hashesIn(store, '1 = 1')], [[], []])
  }),
)

testOnBoth(
  'what a host brings back has its files yet, and those of another store over the folder are its own',
  scene(async ({ store, corpus, bodies, paths }) => {
    const dataSource = await store.host()
    const hansard = await store.open({ dataSource, transcripts: { bodies } })
    const other = await openHansard({ database: `sqlite:${corpus.path('other.db')}`, transcripts: { bodies } })
    store.afterwards(() => other.close())
    const another = claudeSession(`7${session.slice(1)}`, 1).map((record, index) => ({ ...record, uuid: `b-${index}` }))
    for (const { transcripts } of [hansard, other]) await transcripts.ingest({ paths })
    const files = named(bodies)
    const undone = dataSource.transaction(async (manager) => {
      const inside = hansard.withTransaction(manager).transcripts
      assert.equal((await inside.evict(everything)).bytesAfter, 0)
      throw new Error('the host thinks again')
    })
    await assert.rejects(undone, /thinks again/)
    await hansard.transcripts.evict({})
    // Whatever is written next looks after what that eviction had let go of.
    await hansard.transcripts.ingest({ paths: [corpus.write('b.jsonl', lines(another))] })
    assert.deepEqual(named(bodies), files)
    assert.ok((await textsOf(hansard.transcripts)).every((body) => body !== null))
    await hansard.transcripts.evict(everything)
    assert.equal(named(bodies).length, files.length / 2)
    await hansard.transcripts.evict({})
    assert.ok((await textsOf(other.transcripts)).every((body) => body !== null))
  }),
)

testOnBoth(
  'what a rescan hides leaves the folder',
  scene(async ({ store, corpus, bodies }) => {
    const [record] = claudeSession(session, 1)
    const content = `${'x '.repeat(3000)} token ${secret}`
    const leaky = { ...record, message: { role: 'user', content } }
    const transcripts = await transcriptStore(store, { bodies })
    const told = () => below(bodies).files.map((file) => inflateSync(readFileSync(file)).toString())
    await transcripts.ingest({ paths: [corpus.write('a.jsonl', lines([leaky]))], redact: false })
    assert.deepEqual(told(), [content])
    await transcripts.rescan()
    const [text = '', ...others] = told()
    assert.deepEqual(others, [])
    assert.ok(text.startsWith('x x') && !text.includes(secret))
    assert.deepEqual(await textsOf(transcripts), [text])
  }),
)

testOnBoth(
  'a folder that cannot be written to is told, and nothing is stored',
  scene(async ({ store, corpus, paths }) => {
    mkdirSync(corpus.path('taken'))
    writeFileSync(corpus.path('taken/bodies'), '')
    const transcripts = await transcriptStore(store, { bodies: corpus.path('taken/bodies') })
    await assert.rejects(transcripts.ingest({ paths }), { code: 'STORAGE_FAILED', message: /folder of bodies/ })
    assert.deepEqual(await hashesIn(store, '1 = 1'), [])
  }),
)
