import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IsIn, IsInt, IsString, Max } from 'class-validator'
import { Optional, validated } from '../src/application/validated.js'
import { InvalidInputError } from '../src/domain/errors.js'

class Options {
  @Optional() @IsInt() @Max(100) limit?: number
  @Optional() @IsInt() least?: number
  @Optional() @IsString() cursor?: string
  @Optional() @IsIn(['a'], { each: true }) kinds?: string[]
}

const faultsOf = (plain: object) => {
  try {
    validated(Options, plain)
    return []
  } catch (error) {
    assert.ok(error instanceof InvalidInputError)
    return error.problems
  }
}

const problemsOf = (plain: object) => faultsOf(plain).map(({ path }) => path)

test('what was accepted once says nothing of what comes after it', () => {
  assert.deepEqual(validated(Options, { limit: 20 }), Object.assign(new Options(), { limit: 20 }))
  assert.deepEqual(problemsOf({ limit: 200 }), ['limit'])
  assert.deepEqual(problemsOf({ limit: 20.5 }), ['limit'])
  assert.deepEqual(problemsOf({ limit: '20' }), ['limit'])
  assert.deepEqual(problemsOf({ limit: [20] }), ['limit'])
  assert.deepEqual(problemsOf({ limit: 20, cursor: 20 }), ['cursor'])
  assert.deepEqual(problemsOf({ most: 20 }), ['most'])
  assert.deepEqual(problemsOf({ limit: 20, least: 1 }), [])
  assert.deepEqual(problemsOf({ 'limit"20,"least': 1 }), ['limit"20,"least'])
  assert.deepEqual(problemsOf({ limit: Number.NaN }), ['limit'])
  assert.deepEqual(problemsOf({ limit: Number.NaN }), ['limit'])
})

test('an accepted input is a new object for each call', () => {
  const first = validated(Options, { limit: 7 })
  first.limit = 70_000
  assert.equal(validated(Options, { limit: 7 }).limit, 7)
})

test('a problem is told once of its name, whatever signs are in that', () => {
  assert.deepEqual(faultsOf({ 'x(': 1 }), [{ path: 'x(', message: 'property x( should not exist' }])
  assert.deepEqual(problemsOf({ 'limi.': 1, '$&': 1 }), ['limi.', '$&'])
  assert.deepEqual(faultsOf({ cursor: 1 }), [{ path: 'cursor', message: 'must be a string (it is 1)' }])
  assert.match(faultsOf({ kinds: ['b'] })[0]?.message ?? '', /^must be one of/)
})
