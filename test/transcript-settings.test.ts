import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { estimatedCost, type ModelPrice } from '../src/domain/transcripts/cost.js'
import { domainOf } from '../src/domain/transcripts/domain-map.js'
import { repositoryName, repositoryOf, repositoryOfRequest } from '../src/domain/transcripts/repository-name.js'
import { settingsKey } from '../src/domain/transcripts/transcript-settings.js'
import { openHansard } from '../src/index.js'
import { checkedSettings } from '../src/open-transcript-settings.js'

test('a folder belongs to the domain of the longest folder that it lies in', () => {
  const domains = { '/a': 'a', '/a/b/': 'b', '/a/b-*': 'star', '/a/b-c': 'c', 'C:\\work': 'windows', '/': 'root' }
  const wanted: [string | null, string | null][] = [
    ...([
      ['/a', 'a'],
      ['/a/', 'a'],
      ['/a/x/y', 'a'],
      ['/a/b', 'b'],
      ['/a/b/x', 'b'],
      ['/a/bc', 'a'],
    ] as const),
    ...([
      ['/a/b-d/x', 'star'],
      ['/a/b-c', 'c'],
      ['/a/b-c/x', 'c'],
      ['/a/b-cd', 'star'],
      ['/ab', 'root'],
    ] as const),
    ...([
      ['C:\\work\\x', 'windows'],
      ['C:\\work', 'windows'],
      ['C:\\workshop', null],
      ['', null],
      [null, null],
    ] as const),
  ].map(([cwd, domain]) => [cwd, domain])
  for (const [cwd, domain] of wanted) assert.equal(domainOf(cwd, domains), domain, String(cwd))
  assert.equal(domainOf('/a', {}), null)
})

test('a repository has one name, however it is reached', () => {
  const shop = [
    ...['https://github.com/acme/shop.git', 'https://ann:secret@GitHub.com/acme/shop', 'git@github.com:acme/shop.git'],
    ...['ssh://git@github.com:22/acme/shop.git/', 'github.com:acme/shop', 'https://github.com/acme/shop?x=1#y'],
  ]
  for (const address of shop) assert.equal(repositoryName(address), 'github.com/acme/shop', address)
  for (const none of [
    '',
    'shop',
    '/home/ann/shop',
    './shop',
    '../shop:x/y',
    'https://github.com/',
    'file:///srv/shop.git',
  ]) {
    assert.equal(repositoryName(none), undefined, none)
  }
  assert.equal(repositoryOfRequest('https://github.com/acme/shop/pull/7'), 'github.com/acme/shop')
  assert.equal(repositoryOfRequest('https://git.example.com/a/b/shop/-/merge_requests/7#x'), 'git.example.com/a/b/shop')
  assert.equal(repositoryOfRequest('https://github.com/acme/shop/issues/7'), undefined)
})

test('where no address was told the repository is a folder', () => {
  const cwd = '/w/shop/.claude/worktrees/one/src'
  assert.equal(repositoryOf({ repository: 'h/o/n', gitRoot: '/w/shop' }), 'h/o/n')
  assert.equal(repositoryOf({ gitRoot: '/w/shop', cwd: '/w/shop/src' }), '/w/shop')
  assert.equal(repositoryOf({ cwd, gitBranch: 'one' }), '/w/shop')
  assert.equal(repositoryOf({ cwd: '/w/shop', gitBranch: 'main' }), '/w/shop')
  assert.equal(repositoryOf({ cwd: '/w/notes' }), null)
})

const tokens = (inputTokens: number, outputTokens = 0) => ({
  ...{ inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens },
})
const price = (dollars: number): ModelPrice => ({
  ...{ inputTokens: dollars, cacheReadTokens: dollars, cacheWriteTokens: dollars, outputTokens: dollars },
})
const spent = (model: string | null, inputTokens: number, responses = 1) => ({
  ...{ model, responses, tokens: tokens(inputTokens) },
})

test('a cost is exact to the nanodollar, and tells what it leaves out', () => {
  const prices = { exact: price(0.0375), 'ex*': price(1), 'exam*': price(2), toString: price(0) }
  const costOf = (...all: ReturnType<typeof spent>[]) => estimatedCost(all, prices)
  assert.deepEqual(costOf(spent('exact', 1)), { costNanoUsd: 38, unpricedResponses: 0 })
  assert.deepEqual(costOf(spent('exact', 2)), { costNanoUsd: 75, unpricedResponses: 0 })
  assert.deepEqual(costOf(spent('example', 1), spent('extra', 1)), { costNanoUsd: 3000, unpricedResponses: 0 })
  assert.deepEqual(costOf(spent('other', 9, 2), spent(null, 9, 3)), { costNanoUsd: null, unpricedResponses: 5 })
  assert.deepEqual(costOf(spent('other', 9, 2), spent('ex', 0)), { costNanoUsd: 0, unpricedResponses: 2 })
  assert.deepEqual(costOf(spent('constructor', 1)), { costNanoUsd: null, unpricedResponses: 1 })
  assert.deepEqual(costOf(), { costNanoUsd: null, unpricedResponses: 0 })
  assert.equal(costOf(spent('exam', 2 ** 53)).costNanoUsd, Number.MAX_SAFE_INTEGER)
})

test('parts cost together what the whole costs', () => {
  const counts = fc.array(fc.nat(1e9), { minLength: 1 })
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 1e8 }), (parts, micros) => {
      const prices = { m: price(micros / 1e6) }
      const whole = parts.reduce((sum, each) => sum + each, 0)
      const apart = parts.map((each) => spent('m', each))
      assert.deepEqual(estimatedCost(apart, prices).costNanoUsd, estimatedCost([spent('m', whole)], prices).costNanoUsd)
      assert.equal(estimatedCost(apart, prices).costNanoUsd, Math.min(Number.MAX_SAFE_INTEGER, nanosOf(whole, micros)))
    }),
  )
})

const nanosOf = (count: number, micros: number) => Number((BigInt(count) * BigInt(micros) + 500n) / 1000n)

test('settings that say the same have the same key, others another', () => {
  const one = { domains: { '/a': 'a', '/b': 'b' }, prices: {} }
  assert.equal(settingsKey(one), settingsKey({ prices: {}, domains: { '/b': 'b', '/a': 'a' } }))
  assert.notEqual(settingsKey(one), settingsKey({ ...one, domains: { '/a': 'a' } }))
  assert.notEqual(settingsKey(one), settingsKey({ ...one, prices: { m: price(1) } }))
})

test('who only says where texts go says nothing of values', () => {
  const domains = { '/a': 'a' }
  assert.equal(checkedSettings({ bodies: 'bodies' }), undefined)
  assert.deepEqual(checkedSettings({ bodies: 'bodies', domains }), { domains, prices: {} })
})

test('settings that are none are refused when the store is opened, each by its place', async () => {
  const refused: [unknown, string][] = [
    [{ domain: {} }, 'transcripts.domain'],
    [{ domains: ['/a'] }, 'transcripts.domains'],
    [{ domains: { '/a': '' } }, 'transcripts.domains./a'],
    [{ domains: { '': 'a' } }, 'transcripts.domains'],
    [{ domains: { '/a': 'x\u0000' } }, 'transcripts.domains./a'],
    [{ prices: { m: 3 } }, 'transcripts.prices.m'],
    [{ prices: { m: { ...price(1), outputTokens: -1 } } }, 'transcripts.prices.m.outputTokens'],
    [{ prices: { m: { ...price(1), inputTokens: 1e-7 } } }, 'transcripts.prices.m.inputTokens'],
    [{ prices: { m: { ...price(1), inputTokens: Number.NaN } } }, 'transcripts.prices.m.inputTokens'],
    [
      { prices: { m: { inputTokens: 1, cacheReadTokens: 1, cacheWriteTokens: 1 } } },
      'transcripts.prices.m.outputTokens',
    ],
    [{ prices: { m: { ...price(1), reasoningTokens: 1 } } }, 'transcripts.prices.m.reasoningTokens'],
    ...['', 3, null, 'a\0b'].map((bodies): [object, string] => [{ bodies }, 'transcripts.bodies']),
  ]
  for (const [transcripts, path] of refused) {
    await assert.rejects(openHansard({ database: 'sqlite::memory:', transcripts: transcripts as never }), (error) => {
      const { code, problems } = error as { code: string; problems: { path: string; message: string }[] }
      assert.deepEqual(
        [code, problems.map((each) => each.path)],
        ['INVALID_INPUT', [path]],
        JSON.stringify(transcripts),
      )
      return /^(is missing|.+ is not one); write /.test(problems[0]?.message ?? '')
    })
  }
})
