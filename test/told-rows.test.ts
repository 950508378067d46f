import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { TextGate } from '../src/application/transcripts/redacting.js'
import { ToldRows } from '../src/application/transcripts/told-rows.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heldBytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('of keys of any length nothing is kept but their hashes', () => {
  const rows = new ToldRows('claude', new Map(), new TextGate(undefined), () => '')
  const idOf = (index: number) => rows.idOf(Buffer.alloc(1_000_000, `${index}.`).toString('latin1')).length
  assert.equal(idOf(0), 217)
  const before = heldBytes()
  for (let index = 0; index < 200; index++) idOf(index)
  const megabytes = (heldBytes() - before) / 1_000_000
  assert.ok(megabytes < 20, `${megabytes} MB are held of 200`)
})
