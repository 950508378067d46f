import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { isEvictable, type Transcript } from '../src/domain/transcripts/transcript.js'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const dayMs = 24 * 60 * 60_000

/** What happens to a store, one after the other. */
const step = fc.oneof(
  fc.record({ do: fc.constant('grow' as const), which: fc.nat(4), turns: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant('write anew' as const), which: fc.nat(4), turns: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant('hold' as const), which: fc.nat(4) }),
  fc.record({ do: fc.constant('release' as const), which: fc.nat(4) }),
  fc.record({ do: fc.constant('wait' as const), days: fc.nat(30) }),
  fc.record({ do: fc.constant('forget' as const), which: fc.nat(4) }),
  fc.record({
    do: fc.constant('evict' as const),
    soft: fc.integer({ min: 0, max: 1_200 }),
    hard: fc.integer({ min: 0, max: 1_200 }),
    days: fc.nat(60),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const idOf = (which: number) => `${which}${session.slice(1)}`

class Play {
  private readonly corpus = new Corpus()
  private readonly turns = new Map<number, number>()
  private now = Date.UTC(2026, 0, 2)
  private transcripts!: TranscriptService

  constructor(
    private readonly store: TestStore,
    private readonly namespace: string,
  ) {
    store.afterwards(async () => rmSync(this.corpus.folder, { recursive: true }))
  }

  async run(steps: Step[]): Promise<void> {
    this.transcripts = await transcriptStore(this.store, { namespace: this.namespace, clock: () => new Date(this.now) })
    for (const each of steps) {
      await this.take(each)
      await this.assertSound()
    }
  }

  private async take(each: Step): Promise<void> {
    if (each.do === 'wait') this.now += each.days * dayMs
    else if (each.do === 'evict') await this.evict(each)
    else if (each.do === 'grow' || each.do === 'write anew') await this.tell(each)
    else if (this.turns.has(each.which)) await this.change(each.do, each.which)
  }

  private async change(what: 'hold' | 'release' | 'forget', which: number): Promise<void> {
    const uid = `claude:${idOf(which)}`
    if (what === 'hold') await this.transcripts.hold(uid, 'a test')
    else if (what === 'release') await this.transcripts.release(uid)
    else
      await this.execute(`update TABLE set is_analyzed = 0 where uid = '${uid}' and evicted_at is null`, 'transcripts')
  }

  /** Sessions share their longest texts. */
  private async tell({ do: what, which, turns }: { do: string; which: number; turns: number }): Promise<void> {
    const all = (what === 'grow' ? (this.turns.get(which) ?? 0) : 0) + turns
    this.turns.set(which, all)
    const records = claudeSession(idOf(which), all).map((record, index) => ({
      ...record,
      uuid: `${which}-${what}-${index}`,
    }))
    const named = what === 'grow' ? records.map((record, index) => ({ ...record, uuid: `${which}-${index}` })) : records
    const path = this.corpus.write(`${idOf(which)}.jsonl`, lines(named))
    await this.transcripts.ingest({ paths: [path] })
  }

  private async evict({ soft, hard, days }: { soft: number; hard: number; days: number }): Promise<void> {
    const options = { softCapBytes: Math.min(soft, hard), hardCapBytes: Math.max(soft, hard), maxAgeMs: days * dayMs }
    const planned = await this.transcripts.evict({ ...options, dryRun: true })
    const before = await this.all()
    const done = await this.transcripts.evict(options)
    assert.deepEqual({ ...done, dryRun: true }, planned)
    assert.equal(done.bytesAfter, (await this.transcripts.evict({ dryRun: true })).bytesBefore)
    for (const { uid, action } of done.decisions.filter((each) => each.action === 'evicted')) {
      const was = before.find((each) => each.uid === uid) as Transcript
      assert.ok(
        isEvictable(was) || done.decisions.some((each) => each.uid === uid && each.action === 'analyzed'),
        action,
      )
    }
    for (const { uid, action } of done.decisions.filter((each) => !['analyzed', 'evicted'].includes(each.action))) {
      assert.deepEqual(
        [uid, ...done.decisions.filter((each) => each.uid === uid).map((each) => each.action)],
        [uid, action],
      )
    }
    if (done.bytesAfter > done.softCapBytes) assert.deepEqual(await this.left('is_analyzed = 1'), [])
    if (done.bytesAfter > done.hardCapBytes) assert.deepEqual(await this.left('true'), [])
  }

  /** Below the hard cap what was forgotten may stay: nobody has a digest made of it. */
  private async left(condition: string): Promise<unknown[]> {
    const sql = `select uid from TABLE where namespace = '${this.namespace}' and evicted_at is null and hold_reason is null`
    return (await this.execute(`${sql} and ${condition}`, 'transcripts')).map(({ uid }) => uid)
  }

  private async all(): Promise<Transcript[]> {
    return (await this.transcripts.list()).items
  }

  /** What has no text has a digest that knows it; what is called evicted has no text; no text is missing. */
  private async assertSound(): Promise<void> {
    const [bad] = await this.execute(
      `select count(*) as n from TABLE t where namespace = '${this.namespace}' and (
         (evicted_at is not null and exists (select 1 from EVENTS e where e.transcript_id = t.id and (e.body is not null or e.body_hash is not null)))
         or (evicted_at is not null and through_seq <> last_seq)
         or (is_settled = 1 and text_bytes <> (select coalesce(sum(body_bytes), 0) from EVENTS e where e.transcript_id = t.id and e.body is not null)))`,
      'transcripts',
    )
    assert.equal(Number(bad?.n), 0)
    const [missing] = await this.execute(
      `select count(*) as n from EVENTS e where e.body_hash is not null and not exists (
         select 1 from TABLE b where b.namespace = e.namespace and b.sha256 = e.body_hash)`,
      'transcript_bodies',
    )
    assert.equal(Number(missing?.n), 0)
  }

  private execute(sql: string, table: string): Promise<Record<string, unknown>[]> {
    const { store } = this
    return store.execute(
      sql.replaceAll('TABLE', store.table(table)).replaceAll('EVENTS', store.table('transcript_events')),
    )
  }
}

testOnBoth(
  'whatever happened to a store, a dry run says what the run does, and no text goes that no digest knows',
  async (store) => {
    let plays = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), (steps) =>
        new Play(store, `n${plays++}`).run(steps),
      ),
      { numRuns: 25 },
    )
  },
  { timeout: 180_000 },
)
