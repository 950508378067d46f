import { messageRoles } from '../../domain/sessions/message.js'
import { sessionStatuses } from '../../domain/sessions/session.js'
import { tokenNames } from '../../domain/sessions/token-usage.js'

export const text = { type: 'string' }
export const maybeText = { type: ['string', 'null'] }
export const whole = { type: 'integer' }
export const flag = { type: 'boolean' }
export const instant = { type: 'string', format: 'date-time' }

export const described = (schema: object, description: string) => ({ ...schema, description })

/** An object that always has all of these. */
export const record = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})
export const maybe = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })
export const list = (items: object) => ({ type: 'array', items })
export const page = (items: object, cursor: object) =>
  record({ items: list(items), nextCursor: cursor, previousCursor: cursor })

const figures = {
  ...Object.fromEntries(tokenNames.map((name) => [name, whole])),
  estimatedCostUsd: { type: 'number' },
}

export const session = record({
  id: text,
  namespace: text,
  externalId: maybeText,
  actorName: text,
  title: maybeText,
  status: { type: 'string', enum: sessionStatuses },
  metadata: { type: 'object', additionalProperties: true },
  messageCount: whole,
  lastSequence: whole,
  tokenUsage: record(figures),
  forkedFrom: maybe(record({ sessionId: text, sequence: whole })),
  importedFrom: maybe(record({ sessionId: text, namespace: text, checksum: text, importedAt: instant })),
  createdAt: instant,
  updatedAt: instant,
})

export const message = record({
  id: text,
  sequence: whole,
  role: { type: 'string', enum: messageRoles },
  content: {},
  metadata: { type: 'object', additionalProperties: true },
  toolCallId: maybeText,
  tokenCount: { type: ['integer', 'null'] },
  contentHash: text,
  createdAt: instant,
  recordedAt: instant,
})

export const appended = record({ items: list(message) })
export const sessionPage = page(session, maybeText)
export const messagePage = page(message, { type: ['integer', 'null'] })

export const usageReport = record({
  total: record(figures),
  byModel: list(record({ model: maybeText, ...figures })),
  byDay: list(record({ day: text, ...figures })),
})

export const truncated = record({
  removed: whole,
  truncation: maybe(record({ afterSequence: whole, lastSequence: whole, removedCount: whole, createdAt: instant })),
})

export const importReport = record({
  dryRun: flag,
  sessionId: maybeText,
  origin: record({ sessionId: text, namespace: text, checksum: text }),
  messages: whole,
  usageEntries: whole,
})

export const verifyReport = record({
  ok: flag,
  sessionId: text,
  messages: whole,
  usageEntries: whole,
  problems: list(record({ code: text, sequence: { type: ['integer', 'null'] }, message: text })),
})

const problem = {
  type: 'object',
  description: 'RFC 9457, with our code',
  properties: {
    type: text,
    title: text,
    status: whole,
    detail: text,
    code: text,
    problems: list(record({ path: text, message: text })),
    expected: {},
    actual: {},
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
}

/** A successful answer, and the problem that any other is. */
export function answers(successes: Record<number, object>): Record<string, object> {
  const content = { 'application/problem+json': { schema: problem } }
  return { ...successes, default: { description: 'What went wrong', content } }
}
