import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { HansardWorld } from '../support/world.js'

Then('it fails with {word}', function (this: HansardWorld, code: string) {
  this.claimFailure(code)
})

Then('it fails with {word} at {string}', function (this: HansardWorld, code: string, place: string) {
  const { problems = [] } = this.claimFailure(code)
  assert.deepEqual(
    problems.map(({ path }) => path),
    [place],
  )
})

Then(
  'it fails with {word} at {string}, mentioning {string}',
  function (this: HansardWorld, code: string, place: string, text: string) {
    const { problems = [], message } = this.claimFailure(code)
    assert.deepEqual(
      problems.map(({ path }) => path),
      [place],
    )
    assert.ok(message.includes(text), message)
  },
)

Given('the namespace is now {string}', function (this: HansardWorld, namespace: string) {
  this.namespace = namespace
})

Given('it is {string}', function (this: HansardWorld, instant: string) {
  this.clock.moveTo(instant)
})

When('the clock goes back {int} minutes', function (this: HansardWorld, minutes: number) {
  this.clock.moveMinutes(-minutes)
})

Given('another store, empty', function (this: HansardWorld) {
  return this.useNewStorage()
})

Given('messages may have {int} bytes', function (this: HansardWorld, messageBytes: number) {
  return this.openStore({ limits: { messageBytes } })
})

When('the store is closed', function (this: HansardWorld) {
  return this.closeStore()
})

When('the store is closed and opened again', function (this: HansardWorld) {
  return this.openStore()
})
