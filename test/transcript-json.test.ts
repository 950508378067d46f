import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { Transcript, TranscriptEvent, TranscriptWithSources } from '../src/domain/transcripts/transcript.js'
import { transcriptEventFromJson, transcriptFromJson } from '../src/domain/transcripts/transcript-from-json.js'
import { testOnBoth } from './test-store.js'
import { Corpus, fork, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const overJson = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value))

testOnBoth('transcripts and events come back from JSON as they were, whatever a later version adds', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const prices = { 'claude-x': { inputTokens: 3, cacheReadTokens: 0.3, cacheWriteTokens: 3.75, outputTokens: 15 } }
  const transcripts = await transcriptStore(store, { settings: { domains: {}, prices } })
  await transcripts.ingest({ paths: corpus.writeAll() })
  for (const transcript of (await transcripts.list()).items) {
    const json = overJson(transcript)
    const back = transcriptFromJson({ ...json, mood: 'calm', figures: { ...transcript.figures, sighs: 1 } })
    assert.ok(back instanceof Transcript && !(back instanceof TranscriptWithSources))
    assert.deepEqual(back, transcript)
  }
  const whole = await transcripts.get(`claude:${fork}`)
  const back = transcriptFromJson(overJson(whole))
  assert.ok(back instanceof TranscriptWithSources && back.sources.length === 1)
  assert.deepEqual(back, whole)
  const { items } = await transcripts.events(`claude:${session}`, { withBodies: true })
  for (const event of items) {
    const told = transcriptEventFromJson({
      ...overJson(event),
      mood: 'calm',
      tokens: event.tokens && { ...event.tokens, x: 1 },
    })
    assert.ok(told instanceof TranscriptEvent)
    assert.deepEqual(told, event)
  }
})

const noTokens = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }
const counts = { records: 1, malformedLines: 0, recovered: 0, unknownTypes: 0, oversizedLines: 0, oversizedBytes: 0 }
const said = { userPrompts: 1, assistantMessages: 0, toolCalls: 0, toolResults: 0, toolErrors: 0 }
const figures = { ...counts, events: { user_msg: 1 }, ...said, tokens: noTokens }
/** The least that is a transcript. */
const least = {
  ...{ id: 'i', namespace: 'default', uid: 'claude:n', flavor: 'claude', nativeId: 'n', outcome: 'unknown' },
  ...{ outcomeConfidence: 0.5, outcomeSource: 'none', tokens: noTokens, tokensUncertain: false, wallClockMs: 0 },
  ...{ turns: 1, retries: 0, unpricedResponses: 0, figures, lastSeq: 1, generation: 1, schemaVersion: 1 },
  ...{ discoveredAt: '2026-01-01T00:00:00.000Z', redactions: {}, isTrivial: true },
}
const event = {
  ...{ id: 'i', transcriptId: 't', seq: 1, kind: 'user_msg', role: 'user', summary: 's', bodyBytes: 1 },
  ...{ isSidechain: false, isError: false },
}

test('what is left out is null', () => {
  const { cwd, startedAt, estimatedCostUsd, throughSeq, discoveredAt } = transcriptFromJson(least)
  assert.deepEqual([cwd, startedAt, estimatedCostUsd, throughSeq], [null, null, null, null])
  assert.deepEqual(discoveredAt, new Date('2026-01-01'))
  const { ts, tool, tokens, body } = transcriptEventFromJson(event)
  assert.deepEqual([ts, tool, tokens, body], [null, null, null, null])
})

test('a known member that is not what it must be is refused by its path', () => {
  const refused: [object, string][] = [
    [{ flavor: 'song' }, 'flavor'],
    [{ outcome: 'won' }, 'outcome'],
    [{ uid: 'codex:n' }, 'uid'],
    [{ uid: 'song:n' }, 'uid'],
    [{ namespace: null }, 'namespace'],
    [{ turns: -1 }, 'turns'],
    [{ lastSeq: 1.5 }, 'lastSeq'],
    [{ isTrivial: 1 }, 'isTrivial'],
    [{ outcomeConfidence: 'high' }, 'outcomeConfidence'],
    [{ discoveredAt: 'yesterday' }, 'discoveredAt'],
    [{ startedAt: '2026-01-01' }, 'startedAt'],
    [{ endedAt: '2026-01-01T09:00:00+01:00' }, 'endedAt'],
    [{ tokens: { ...noTokens, outputTokens: -1 } }, 'tokens.outputTokens'],
    [{ figures: { ...figures, events: { song: 1 } } }, 'figures.events'],
    [{ figures: { ...figures, events: { user_msg: 'x' } } }, 'figures.events.user_msg'],
    [{ figures: null }, 'figures'],
    [{ redactions: [] }, 'redactions'],
    [{ sources: [{ form: 'song' }], copiedFromUids: [] }, 'sources[0].form'],
    [{ sources: {}, copiedFromUids: [1] }, 'sources'],
  ]
  for (const [change, path] of refused) assertRefused(() => transcriptFromJson({ ...least, ...change }), path)
  const events: [object, string][] = [
    [{ kind: 'song' }, 'kind'],
    [{ role: 'judge' }, 'role'],
    [{ seq: '1' }, 'seq'],
    [{ tokens: 3 }, 'tokens'],
    [{ ts: '2026-02-30T00:00:00Z' }, 'ts'],
  ]
  for (const [change, path] of events) assertRefused(() => transcriptEventFromJson({ ...event, ...change }), path)
  for (const none of [null, 'x', 7, []]) {
    assertRefused(() => transcriptFromJson(none), 'json')
    assertRefused(() => transcriptEventFromJson(none), 'json')
  }
})

function assertRefused(work: () => unknown, path: string): void {
  assert.throws(work, (error) => {
    const { code, problems } = error as { code: string; problems: { path: string }[] }
    assert.equal(code, 'INVALID_INPUT')
    assert.ok(
      problems.some((each) => each.path === path),
      `${path} is not among ${problems.map((each) => each.path).join(', ')}`,
    )
    return true
  })
}

test('members that all objects have are none of a transcript', () => {
  const json = JSON.parse(`{ "__proto__": { "cwd": "/x" }, ${JSON.stringify(least).slice(1)}`)
  assert.equal(transcriptFromJson(json).cwd, null)
})
