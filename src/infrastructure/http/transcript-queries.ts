import { transcriptEventKinds } from '../../domain/transcripts/transcript-event.js'
import { usageGroupings } from '../../domain/transcripts/transcript-service.js'
import { bound, closed, cursor, limit, safe } from './input-schemas.js'
import { described, flag, list, text } from './output-schemas.js'
import { flavor, oneOf, outcome } from './transcript-schemas.js'

const filter = { type: 'string', minLength: 1, maxLength: 1_024 }
const project = described(filter, 'The name of the working folder.')
const domain = described(filter, 'What the settings of the store call the working folder.')

/** Open: a host's prefix may have parameters of its own, such as `/t/:tenant`. */
export const transcriptParams = {
  type: 'object',
  properties: {
    uid: described(text, 'The flavor, a colon and the id that the agent gave, percent-encoded: a slash is `%2F`.'),
  },
  required: ['uid'],
}

export const listQuery = closed({
  flavor,
  outcome,
  project,
  repo: described(filter, '`host/owner/name`, or the root folder of a repository.'),
  domain,
  since: bound('Begun then or later.'),
  until: bound('Begun before it.'),
  order: described(oneOf(['newest', 'oldest']), 'By when they began; newest first unless given.'),
  limit: described(limit, '50 unless given.'),
  cursor: described(cursor, '`nextCursor` or `previousCursor` of another page.'),
})

export const eventsQuery = closed({
  after: described({ type: 'integer', minimum: 0, maximum: safe }, 'Events after this one: `nextCursor`.'),
  kind: {
    anyOf: [text, list(text)],
    description: `Only these, may be repeated: ${transcriptEventKinds.join(', ')}.`,
  },
  withBodies: described(flag, 'Brings the full texts.'),
  limit: described(limit, '100 unless given.'),
})

export const errorsQuery = closed({
  since: bound('Seen then or later.'),
  project,
  domain,
  tool: described(filter, 'The tool that failed.'),
  limit: described(limit, '50 unless given.'),
})

export const usageQuery = closed({
  by: described(oneOf(usageGroupings), 'day unless given: of UTC.'),
  since: bound('Spent then or later.'),
  until: bound('Spent before it.'),
  project,
  domain,
})
