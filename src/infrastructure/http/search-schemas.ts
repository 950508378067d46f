import { bound, closed, cursor, name, safe } from './input-schemas.js'
import { flag, instant, list, maybeText, record, text } from './output-schemas.js'

export const searchQuery = closed(
  {
    q: {
      type: 'string',
      description: 'Words (all of them), "phrases", OR, NOT or -, prefix* and parentheses.',
      examples: ['deploy* ("rolled back" OR failed) -staging'],
    },
    kind: {
      anyOf: [text, list(text)],
      description: 'Only these: `message`, a kind of event, `transcript`, `digest`; may be repeated.',
    },
    actorName: name,
    sessionId: name,
    projectId: name,
    since: bound('Said or done then or later.'),
    until: bound('Said or done before it.'),
    recencyHalfLifeMs: { type: 'integer', minimum: 1, maximum: safe },
    limit: { type: 'integer', minimum: 1, maximum: 100 },
    cursor,
  },
  ['q'],
)

const item = record({
  kind: text,
  ref: text,
  anchor: text,
  snippet: text,
  highlights: list({ type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2 }),
  score: { type: 'number' },
  time: instant,
  sessionId: maybeText,
  actorName: maybeText,
})

export const searchPage = record({
  items: list(item),
  nextCursor: maybeText,
  ranking: { type: 'string', enum: ['relevance', 'newest'] },
  relaxed: flag,
})
