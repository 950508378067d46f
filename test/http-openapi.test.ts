import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { FastifySchema } from 'fastify'
import { answerValidator } from './answer-validator.js'
import { type Answer, type RawRequest, TestService } from './http-service.js'
import { type TestStore, testOn } from './test-store.js'
import { Corpus, claudeSession, lines } from './transcript-corpus.js'

interface Media {
  schema: FastifySchema
  example?: object
}

interface Operation {
  summary?: string
  parameters?: { name: string; in: string; required?: boolean; example?: string }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { description: string; content?: Record<string, Media> }>
}

interface Document {
  openapi: string
  security: object[]
  paths: Record<string, Record<string, Operation>>
}

const document = async (service: TestService) =>
  JSON.parse((await service.raw({ path: '/openapi.json' })).text) as Document

testOn('sqlite', 'the document says of every operation what goes in and what comes out', async (store) => {
  const { openapi, security, paths } = await document(await TestService.start(store))
  assert.equal(openapi, '3.1.0')
  assert.deepEqual(security, [{ bearer: [] }])
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { summary, parameters = [], responses }] of Object.entries(operations)) {
      const name = `${method} ${path}`
      assert.ok(summary, name)
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name)
      assert.deepEqual(
        inPath,
        [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
        name,
      )
      assert.ok(responses.default?.content?.['application/problem+json'], name)
      assert.ok(
        Object.keys(responses).some((status) => status.startsWith('2')),
        name,
      )
    }
  }
})

testOn(
  'sqlite',
  'each operation answers its example as the document says, and a missing session too',
  async (store) => {
    const service = await TestService.start(store)
    const { paths } = await document(service)
    const archive = await archiveOf(service)
    await ingestOne(service, store)
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const id = await service.create()
        await service.say(id, 'Hello')
        const { stateToken } = await service.hansard.contexts.open()
        const call = { method: method.toUpperCase(), ...requestOf(operation, archive, stateToken) }
        if (path.endsWith('/follow')) continue
        const { id: eventId } = await service.hansard.activity.record({ kind: 'file', path: 'src/a.ts' })
        const ids = path.startsWith('/v1/activity') ? eventId : id
        const found = path.replace('{id}', ids).replace('{uid}', 'claude:login')
        const answer = await service.raw({ ...call, path: found + queryOf(path, operation) })
        assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
        assertAsDocumented(answer, operation, `${method} ${path}`)
        if (found === path) continue
        const missing = await service.raw({
          ...call,
          path: path.replace('{id}', 'none').replace('{uid}', 'claude:none'),
        })
        assert.equal(missing.status, 404)
        assertAsDocumented(missing, operation, `${method} ${path} of none`)
      }
    }
  },
)

async function ingestOne({ hansard }: TestService, store: TestStore): Promise<void> {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const path = corpus.write('login.jsonl', lines(claudeSession('login', 4)))
  await hansard.transcripts.ingest({ paths: [path] })
  assert.ok((await hansard.transcripts.errors()).length > 0)
}

async function archiveOf(service: TestService): Promise<string> {
  const id = await service.create()
  await service.say(id, 'Hello')
  return (await service.raw({ path: `/v1/sessions/${id}/export` })).text
}

/** The example that the document gives; of archives there is none so short that it would say anything. */
function requestOf(operation: Operation, archive: string, stateToken: string): Pick<RawRequest, 'headers' | 'body'> {
  const { requestBody, parameters = [] } = operation
  const token = parameters.some(({ name }) => name === 'State-Token') && { 'state-token': stateToken }
  if (!requestBody) return { headers: { ...token } }
  const { example, schema } = requestBody.content['application/json'] ?? {}
  const withToken = JSON.stringify(schema ?? {}).includes('stateToken') && { stateToken }
  return {
    headers: { 'content-type': 'application/json' },
    body: example === undefined ? archive : JSON.stringify({ ...example, ...withToken }),
  }
}

/** What an operation cannot be asked without, as the document gives it; or what this test has recorded. */
function queryOf(path: string, { parameters = [] }: Operation): string {
  if (path === '/v1/activity/history') return '?issueId=BUG-7'
  if (path === '/v1/activity/related' || path === '/v1/activity/failed-loops') return '?path=src/a.ts'

  const needed = parameters.filter((parameter) => parameter.in === 'query' && parameter.required)
  const pairs = needed.map(({ name, example = '' }) => `${name}=${encodeURIComponent(example)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function assertAsDocumented(answer: Answer, { responses }: Operation, name: string): void {
  const documented = responses[answer.status] ?? responses.default
  const type = (answer.headers['content-type'] ?? '').split(';')[0] ?? ''
  if (answer.status === 204) return assert.equal(answer.text, '', name)
  const media = documented?.content?.[type]
  assert.ok(media, `${name}: ${answer.status} ${type}`)
  if (!type.endsWith('json')) return
  const faults = answerValidator(media.schema)(JSON.parse(answer.text))
  assert.deepEqual(faults, [], `${name}\n${answer.text}`)
}
