import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { ImportOptions, SessionArchive } from '../../src/index.js'
import { tamper } from '../support/tampering.js'
import type { HansardWorld } from '../support/world.js'

async function importArchive(
  world: HansardWorld,
  name: string,
  options?: ImportOptions,
  archive: SessionArchive | string = world.archive,
): Promise<void> {
  world.report = await world.attempt(() => world.sessions.importSession(archive, options))
  if (world.report?.sessionId) world.remember(name, { id: world.report.sessionId })
}

When('{string} is/was exported', async function (this: HansardWorld, name: string) {
  const archive = await this.attempt(() => this.sessions.exportSession(this.id(name)))
  this.firstArchive ??= structuredClone(archive)
  if (archive) this.archive = archive
})

Given('{string} was exported line by line', async function (this: HansardWorld, name: string) {
  this.lines = ''
  for await (const line of this.sessions.exportLines(this.id(name), 'jsonl')) this.lines += line
})

When('the archive is imported as {string}', function (this: HansardWorld, name: string) {
  return importArchive(this, name)
})

When('the archive is imported as {string}, keeping its ids', function (this: HansardWorld, name: string) {
  return importArchive(this, name, { ids: 'preserve' })
})

When('the lines are imported as {string}, keeping their ids', function (this: HansardWorld, name: string) {
  return importArchive(this, name, { ids: 'preserve' }, this.lines)
})

When(
  'the archive is/was imported as {string} with the key {string}',
  function (this: HansardWorld, name: string, idempotencyKey: string) {
    return importArchive(this, name, { idempotencyKey })
  },
)

When('the import of the archive is tried out', function (this: HansardWorld) {
  return importArchive(this, '', { dryRun: true })
})

Given(/^(.+) of the archive has been changed$/, function (this: HansardWorld, part: string) {
  tamper(this.archive, part)
})

Given('the checksum has lost its {string}', function (this: HansardWorld, algorithm: string) {
  this.archive.checksum = this.archive.checksum.replace(algorithm, '')
})

Given('the archive is of version {int}', function (this: HansardWorld, version: number) {
  Object.assign(this.archive, { version })
})

Then('the checksum of the archive starts with {string} once', function (this: HansardWorld, algorithm: string) {
  assert.match(this.archive.checksum, new RegExp(`^${algorithm}[0-9a-f]{64}$`))
})

/** What an import changes: who the session is, not what it holds. */
function withoutIdentity({ checksum: _, session, messages, usage, ...rest }: SessionArchive): object {
  const anonymous = { ...session, id: '', namespace: '', importedFrom: null }
  return { ...rest, session: anonymous, messages: messages.map(withoutId), usage: usage.map(withoutId) }
}

const withoutId = <T extends { id: string }>(row: T) => ({ ...row, id: '' })

Then('both archives are equal but for ids, namespace, origin and checksum', function (this: HansardWorld) {
  assert.notEqual(this.archive.session.id, this.firstArchive?.session.id)
  assert.equal(
    JSON.stringify(withoutIdentity(this.archive)),
    JSON.stringify(withoutIdentity(this.firstArchive as SessionArchive)),
  )
})

Then('both archives are the same to the byte', function (this: HansardWorld) {
  assert.equal(JSON.stringify(this.archive), JSON.stringify(this.firstArchive))
})

Then('{string} comes from {string}', async function (this: HansardWorld, name: string, origin: string) {
  const { importedFrom } = await this.session(name)
  assert.deepEqual(
    [importedFrom?.sessionId, importedFrom?.namespace, importedFrom?.checksum],
    [this.id(origin), 'default', this.archive.checksum],
  )
  assert.deepEqual(importedFrom?.importedAt, this.clock.now())
})

Then(
  'the report counts {int} messages and {int} ledger entries',
  function (this: HansardWorld, messages: number, usageEntries: number) {
    assert.equal(this.report?.dryRun, true)
    assert.deepEqual([this.report?.messages, this.report?.usageEntries], [messages, usageEntries])
  },
)
