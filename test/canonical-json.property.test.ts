import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, hashJson, maxJsonDepth, toJsonText } from '../src/domain/canonical-json.js'
import { InvalidInputError } from '../src/domain/errors.js'
import { jsonObject, jsonValue, reordered } from './json-arbitraries.js'

test('the hash does not depend on the order of keys', () => {
  fc.assert(fc.property(jsonValue, (value) => assert.equal(hashJson(value), hashJson(reordered(value)))))
})

test('values with one canonical text are equal', () => {
  fc.assert(
    fc.property(jsonValue, jsonValue, (one, other) => {
      if (canonicalJson(one) === canonicalJson(other)) assert.deepEqual(one, other)
    }),
  )
})

test('the canonical text is JSON of an equal value', () => {
  fc.assert(
    fc.property(jsonValue, (value) =>
      assert.equal(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value)),
    ),
  )
})

test('the stored text keeps the value and the order of its keys', () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const text = toJsonText(value, 'content')
      assert.equal(JSON.stringify(JSON.parse(text)), text)
      assert.deepEqual(JSON.parse(text), value)
    }),
  )
})

test('the canonical form is that of RFC 8785, with lone surrogates escaped', () => {
  assert.equal(
    canonicalJson({ '\u20ac': 1, '\r': 2, '1': [1e21, 1e-7, 4.5], a: '\u2028"\u0001' }),
    '{"\\r":2,"1":[1e+21,1e-7,4.5],"a":"\u2028\\"\\u0001","€":1}',
  )
  assert.equal(canonicalJson(['\ud83d', '👋']), '["\\ud83d","👋"]')
  assert.equal(toJsonText([-0], 'content'), '[0]')
})

const cycle: unknown[] = []
cycle.push({ again: cycle })

const noJson: [name: string, value: unknown, place: string][] = [
  ['NaN', Number.NaN, ''],
  ['an infinity', -Infinity, ''],
  ['undefined', undefined, ''],
  ['a function', () => 1, ''],
  ['a symbol', Symbol('s'), ''],
  ['a BigInt', 1n, ''],
  ['a Date', new Date(0), ''],
  ['a Map', new Map(), ''],
  ['a hole', Object.assign(Array(3), { 0: 1 }), '[1]'],
  ['a cycle', cycle, '[0].again'],
  ['a symbol key', { [Symbol('s')]: 1 }, ''],
]

for (const [name, value, place] of noJson) {
  test(`${name} is refused wherever it stands, with its path`, () => {
    fc.assert(
      fc.property(jsonObject, (beside) => {
        const refusal = (error: unknown) =>
          error instanceof InvalidInputError && error.problems[0]?.path === `content.list[1]${place}`
        assert.throws(() => toJsonText({ ...beside, list: [beside, value] }, 'content'), refusal)
      }),
      { numRuns: 10 },
    )
  })
}

test('nesting is accepted up to the limit and refused beyond it', () => {
  const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown
  assert.equal(toJsonText(nested(maxJsonDepth), 'content').length, 2 * maxJsonDepth)
  assert.throws(() => toJsonText(nested(maxJsonDepth + 1), 'content'), InvalidInputError)
  assert.equal(hashJson(nested(maxJsonDepth)).length, 71)
})
