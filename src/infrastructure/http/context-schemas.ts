import { contextStatuses } from '../../domain/contexts/context.js'
import { closed, cursor, limit, name, optionalName, safe } from './input-schemas.js'
import { flag, instant, list, maybe, maybeText, page, record, text, whole } from './output-schemas.js'

const savedContext = { type: 'object', additionalProperties: true, description: 'The working state.' }
const subjectId = { ...name, maxLength: 128, description: 'Whose the context is; the one that it was opened with.' }
// Told apart from other text by the library, so that a bad one is named in its words.
const stateToken = { type: 'string', description: 'As told when the context was opened.' }
const anyJson = { description: 'Any JSON value.' }

/** Where there is no body: a token never stands in a URL, which others write down. The library says when it is missing. */
export const tokenHeaders = {
  type: 'object',
  properties: {
    'State-Token': stateToken,
    'Subject-Id': { type: 'string', description: 'The subject that the context was opened with.' },
  },
}

const example = { savedContext: { city: 'Oslo' } }
const lifetime = { ttlMs: { type: 'integer', minimum: 1, maximum: safe }, sliding: { type: 'boolean' } }
export const openBody = { ...closed({ savedContext, subjectId, ...lifetime }), examples: [example] }

const newStep = {
  action: { ...optionalName, type: 'string', maxLength: 64 },
  request: anyJson,
  response: anyJson,
  hashOnly: { type: 'boolean' },
}
const exampleStep = { action: 'forecast', request: { day: 1 }, response: { rain: true } }
export const stepBody = {
  ...closed({ stateToken, subjectId, ...newStep }, ['stateToken', 'request']),
  examples: [exampleStep],
}
export const closeBody = { ...closed({ stateToken, subjectId }, ['stateToken']), examples: [{}] }
export const patchBody = {
  ...closed(
    { stateToken, subjectId, patch: savedContext, expectedVersion: { type: 'integer', minimum: 1, maximum: safe } },
    ['stateToken', 'patch'],
  ),
  examples: [{ patch: { umbrella: true } }],
}
export const runBody = {
  ...closed(
    {
      savedContext,
      subjectId,
      partial: { type: 'boolean' },
      // Each is judged by the library, be it an object or not, which with `partial` keeps the others.
      steps: {
        type: 'array',
        items: { description: 'A step: action?, request, response?, hashOnly?, idempotencyKey?' },
      },
    },
    ['steps'],
  ),
  examples: [{ ...example, steps: [exampleStep] }],
}
export const purgeBody = {
  ...closed({
    dryRun: { type: 'boolean' },
    retentionMs: { type: 'integer', minimum: 0, maximum: safe },
    agedSteps: { type: 'boolean' },
    batchSize: { type: 'integer', minimum: 1, maximum: 10_000 },
  }),
  examples: [{ dryRun: true }],
}
export const contextsQuery = closed({
  state: { type: 'string', enum: ['alive', 'all'] },
  subjectId,
  limit,
  cursor,
})

const contextFields = {
  id: text,
  namespace: text,
  subjectId: maybeText,
  status: { type: 'string', enum: contextStatuses },
  savedContext: { type: 'object', additionalProperties: true },
  version: whole,
  stepCount: whole,
  ttlMs: whole,
  sliding: flag,
  openedAt: instant,
  expiresAt: instant,
  lastStepAt: maybe(instant),
  closedAt: maybe(instant),
}
const stepFields = {
  id: text,
  contextId: text,
  stepIndex: whole,
  action: maybeText,
  request: {},
  response: {},
  requestHash: text,
  responseHash: maybeText,
  hashOnly: flag,
  createdAt: instant,
}

export const context = record(contextFields)
export const openedContext = record({ ...contextFields, stateToken: text })
export const contextWithSteps = record({ ...contextFields, steps: list(record(stepFields)) })
export const recordedStep = record({ ...stepFields, replayed: flag, stepCount: whole, expiresAt: instant })
export const contextPage = page(context, maybeText)
export const runReport = record({
  outcome: { type: 'string', enum: ['complete', 'partial', 'none'] },
  stepsSupplied: whole,
  stepsRecorded: whole,
  results: list({ type: 'object', required: ['index', 'status'], additionalProperties: true }),
  context: contextWithSteps,
})
export const purgeReport = record({
  dryRun: flag,
  expiredMarked: whole,
  contextDeleted: whole,
  stepOrphanDeleted: whole,
  stepAgedDeleted: whole,
  aliveRemaining: whole,
})
