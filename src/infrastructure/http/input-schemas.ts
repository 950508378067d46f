import { messageRoles } from '../../domain/sessions/message.js'
import { sessionStatuses } from '../../domain/sessions/session.js'
import { tokenNames } from '../../domain/sessions/token-usage.js'

/** The largest number that JSON carries exactly. */
export const safe = Number.MAX_SAFE_INTEGER
export const name = { type: 'string', minLength: 1, maxLength: 255 }
export const optionalName = { ...name, type: ['string', 'null'] }
const title = { type: ['string', 'null'], maxLength: 10_000 }
const metadata = { type: 'object', additionalProperties: true }
const sequence = { type: 'integer', minimum: 0, maximum: safe }

/** What pages take; those of messages and of hits have bounds of their own. */
export const limit = { type: 'integer', minimum: 1, maximum: 1_000 }
export const cursor = { type: 'string', maxLength: 2_000 }

/** Where a part of the time begins or ends. */
export const bound = (description: string) => ({
  type: 'string',
  description: `${description} ISO 8601, with its offset; a date alone begins in UTC.`,
})

export const closed = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

/** Open: a host's prefix may have parameters of its own, such as `/t/:tenant`. */
export const sessionParams = {
  type: 'object',
  properties: { id: { type: 'string', description: 'the id of the session' } },
  required: ['id'],
}

/** For what may be sent again after a lost answer. */
export const keyHeaders = {
  type: 'object',
  properties: { 'Idempotency-Key': { ...name, description: 'A repeated call with it gives the first result.' } },
}

export const appendHeaders = {
  type: 'object',
  properties: {
    ...keyHeaders.properties,
    'If-Match': { type: 'string', description: 'The last sequence as an ETag, such as "7"; else 412.' },
  },
}

export const followHeaders = {
  type: 'object',
  properties: {
    'Last-Event-ID': { type: 'string', description: 'Goes on after this sequence; comes before `after`.' },
  },
}

export const createBody = {
  ...closed({ actorName: name, externalId: optionalName, title, metadata, orGet: { type: 'boolean' } }, ['actorName']),
  examples: [{ actorName: 'ada', title: 'Trip to Oslo', metadata: { channel: 'web' } }],
}

export const updateBody = {
  ...closed({ title, status: { type: 'string', enum: sessionStatuses }, metadata }),
  examples: [{ title: 'Trip to Bergen' }],
}

const figures = {
  ...Object.fromEntries(tokenNames.map((token) => [token, sequence])),
  estimatedCostUsd: { type: 'number', minimum: 0 },
}

const newMessage = closed(
  {
    role: { type: 'string', enum: messageRoles },
    content: { description: 'Any JSON value; comes back equal.' },
    metadata,
    toolCallId: optionalName,
    tokenCount: { type: ['integer', 'null'], minimum: 0, maximum: 2_147_483_647 },
    createdAt: { type: 'string', description: 'ISO 8601, with its offset' },
    usage: closed({ ...figures, model: optionalName }),
  },
  ['role', 'content'],
)

export const appendBody = {
  ...closed({ messages: { type: 'array', items: newMessage } }, ['messages']),
  examples: [{ messages: [{ role: 'user', content: 'Do I need an umbrella?' }] }],
}

export const usageBody = {
  ...closed({ add: closed(figures), set: closed(figures), model: optionalName }),
  examples: [{ add: { inputTokens: 96, outputTokens: 21 }, model: 'model-a' }],
}

export const truncateBody = {
  ...closed({ afterSequence: sequence }, ['afterSequence']),
  examples: [{ afterSequence: 1 }],
}

export const forkBody = { ...closed({ atSequence: sequence, title }), examples: [{ atSequence: 1 }] }

export const listQuery = closed({
  actorName: name,
  status: { type: 'string', enum: sessionStatuses },
  metadata: { type: 'string', description: 'A JSON object: sessions that have all of its keys with equal values.' },
  metadataKey: { type: 'string', maxLength: 255 },
  createdAfter: bound('Created then or later.'),
  createdBefore: bound('Created before it.'),
  externalId: { ...name, description: 'None or one session; stands alone.' },
  limit,
  offset: sequence,
  order: { type: 'string', enum: ['newest', 'oldest'] },
  cursor,
})

export const messagesQuery = closed({
  after: sequence,
  before: { ...sequence, minimum: 1 },
  latest: { type: 'integer', minimum: 1, maximum: 10_000 },
  limit: { type: 'integer', minimum: 1, maximum: 10_000 },
  offset: sequence,
})

export const followQuery = closed({ after: sequence })

export const exportQuery = closed({ form: { type: 'string', enum: ['json', 'jsonl', 'markdown'] } })

export const importQuery = closed({
  ids: { type: 'string', enum: ['fresh', 'preserve'] },
  externalId: name,
  dropExternalId: { type: 'boolean' },
  dryRun: { type: 'boolean' },
})
