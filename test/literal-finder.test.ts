import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { literalFinder } from '../src/domain/literal-finder.js'

/** As a regular expression of all literals finds them. */
function placesByPattern(literals: string[], text: string): [number, string][] {
  const any = literals.map((each) => each.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')
  const pattern = new RegExp(any, 'gi')
  const places: [number, string][] = []
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    places.push([found.index, found[0]])
    pattern.lastIndex = found.index + 1
  }
  return places
}

function placesByFinder(literals: string[], text: string): [number, string][] {
  const next = literalFinder(literals)
  const places: [number, string][] = []
  for (let found = next(text, 0); found; found = next(text, found.index + 1)) places.push([found.index, found[0]])
  return places
}

const letters = fc.constantFrom('a', 'A', 'b', 'B', '-', '_', ':', '.', '0', 'é', 'ſ', 'K', '😀', '\ud83d', '\0', ' ')
const text = (minLength: number, maxLength: number) =>
  fc.array(letters, { minLength, maxLength }).map((all) => all.join(''))

test('literals are found where a regular expression of them all finds them', () => {
  for (const minLength of [1, 3]) {
    fc.assert(
      fc.property(fc.array(text(minLength, 5), { minLength: 1, maxLength: 6 }), text(0, 60), (some, within) => {
        const searched = some.join('') + within + some.join(' ')
        assert.deepEqual(placesByFinder(some, searched), placesByPattern(some, searched))
      }),
      { numRuns: 2_000 },
    )
  }
})

test('more characters than the finder tells apart are still told apart', () => {
  const literals = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index).padEnd(3, '~')).map(
    (each) => each.toLowerCase(),
  )
  const searched = literals.join(' ')
  assert.deepEqual(placesByFinder(literals, searched), placesByPattern(literals, searched))
})
