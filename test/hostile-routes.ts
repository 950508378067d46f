/** What the service takes, for tests that then spoil it. */
export interface Route {
  method: string
  /** With `:id` where a session's id stands. */
  path: string
  query: string[]
  /** What the route would take, `:token` standing for a state token. */
  body?: unknown
  headers?: Record<string, string>
}

const counts = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 }
const at = '2026-01-01T00:00:00.000Z'
const ulid = (last: string) => `01M7ZAD32DMZZE0WK1Q033B79${last}`

/** Sound but for its checksum: what is wrong with it is found all the same, or nothing is. */
const archive = {
  format: 'hansard.session',
  version: 1,
  session: {
    ...{ id: ulid('W'), namespace: 'default', externalId: null, actorName: 'ada', title: null, status: 'active' },
    ...{ metadata: {}, messageCount: 1, lastSequence: 3, tokenUsage: { ...counts, estimatedCostUsd: 0.5 } },
    ...{ forkedFrom: { sessionId: ulid('X'), sequence: 1 }, importedFrom: null, createdAt: at, updatedAt: at },
    truncations: [{ afterSequence: 1, lastSequence: 3, removedCount: 2, createdAt: at }],
  },
  messages: [
    {
      ...{ id: ulid('Y'), sequence: 1, role: 'user', content: 1, metadata: {}, toolCallId: null, tokenCount: null },
      contentHash: 'sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b',
      ...{ createdAt: at, recordedAt: at },
    },
  ],
  usage: [{ id: ulid('Z'), sequence: 1, kind: 'delta', model: null, ...counts, estimatedCostUsd: 0.5, createdAt: at }],
  checksum: 'sha256:0',
}

const query = (...names: string[]) => names
const page = query('after', 'before', 'latest', 'limit', 'offset')
const list = query('actorName', 'status', 'metadata', 'metadataKey', 'createdAfter', 'createdBefore', 'limit', 'cursor')

const found = query(
  'kind',
  'actorName',
  'sessionId',
  'projectId',
  'since',
  'until',
  'recencyHalfLifeMs',
  'limit',
  'cursor',
)

export const hostileRoutes: Route[] = [
  { method: 'POST', path: '/v1/sessions', query: [], body: { actorName: 'ada', externalId: 'a', metadata: {} } },
  { method: 'GET', path: '/v1/sessions', query: [...list, 'offset', 'order', 'externalId'] },
  { method: 'GET', path: '/v1/sessions/:id', query: [] },
  { method: 'PATCH', path: '/v1/sessions/:id', query: [], body: { title: 'a', status: 'active', metadata: {} } },
  { method: 'DELETE', path: '/v1/sessions/:id', query: [] },
  {
    method: 'POST',
    path: '/v1/sessions/:id/messages',
    query: [],
    body: { messages: [{ role: 'user', content: 'a', usage: { inputTokens: 1 }, createdAt: '2026-01-01T00:00:00Z' }] },
  },
  { method: 'GET', path: '/v1/sessions/:id/messages', query: page },
  { method: 'POST', path: '/v1/sessions/:id/truncate', query: [], body: { afterSequence: 1_000_000 } },
  {
    method: 'POST',
    path: '/v1/sessions/:id/usage',
    query: [],
    body: { add: { inputTokens: 1, estimatedCostUsd: 0.1 } },
  },
  { method: 'GET', path: '/v1/sessions/:id/usage', query: [] },
  { method: 'GET', path: '/v1/usage', query: [] },
  { method: 'GET', path: '/v1/sessions/:id/export', query: ['form'] },
  {
    method: 'POST',
    path: '/v1/sessions/import',
    query: ['ids', 'externalId', 'dropExternalId', 'dryRun'],
    body: archive,
  },
  { method: 'POST', path: '/v1/sessions/:id/fork', query: [], body: { atSequence: 1, title: 'a' } },
  { method: 'GET', path: '/v1/sessions/:id/verify', query: [] },
  { method: 'GET', path: '/v1/sessions/:id/follow', query: ['after'] },
  { method: 'GET', path: '/v1/search', query: ['q', 'q', 'q', ...found] },
  { method: 'GET', path: '/v1/search?q=a', query: found },
]

export const hostileContextRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1/session/open',
    query: [],
    body: { savedContext: { a: 1 }, ttlMs: 60_000, sliding: true },
  },
  {
    method: 'POST',
    path: '/v1/session/step',
    query: [],
    body: { stateToken: ':token', action: 'a', request: { a: [1] }, response: 'b', hashOnly: false },
  },
  { method: 'GET', path: '/v1/session', query: [], headers: { 'state-token': ':token' } },
  {
    method: 'PATCH',
    path: '/v1/session',
    query: [],
    body: { stateToken: ':token', patch: { a: null, b: { c: 1 } }, expectedVersion: 1 },
  },
  {
    method: 'POST',
    path: '/v1/session/run',
    query: [],
    body: { steps: [{ request: 1 }, { request: 2, action: 'a' }], partial: true, savedContext: {} },
  },
  { method: 'GET', path: '/v1/contexts', query: ['state', 'subjectId', 'limit', 'cursor'] },
  { method: 'POST', path: '/v1/contexts/purge', query: [], body: { dryRun: true, retentionMs: 60_000, batchSize: 10 } },
  { method: 'POST', path: '/v1/session/close', query: [], body: { stateToken: ':token' } },
]

const filters = query(
  'kind',
  'since',
  'until',
  'sessionId',
  'issueId',
  'projectId',
  'actorName',
  'path',
  'name',
  'state',
)
const soundEvent = {
  ...{ kind: 'tool', ts: at, sessionId: 's', issueId: 'i', projectId: 'p', actorName: 'ada', path: 'src/a.ts' },
  ...{ name: 'Edit', state: 'done', retries: 1, payload: { bytesIn: 1, cacheHit: false, error: 'a' }, args: [1] },
}

export const hostileActivityRoutes: Route[] = [
  { method: 'POST', path: '/v1/activity', query: [], body: soundEvent },
  { method: 'POST', path: '/v1/activity', query: [], body: [soundEvent, { ...soundEvent, kind: 'deploy' }] },
  // Ids of their own here and there, so that some come twice, with the same content or another.
  { method: 'POST', path: '/v1/activity', query: [], body: { kind: 'file', path: 'a', nativeId: ':token' } },
  { method: 'GET', path: '/v1/activity', query: [...filters, 'limit', 'cursor'] },
  {
    method: 'GET',
    path: '/v1/activity/related',
    query: ['path', 'issueId', 'sessionId', 'loop', 'limit', 'cursor'],
  },
  { method: 'GET', path: '/v1/activity/history', query: ['issueId', 'limit', 'cursor'] },
  { method: 'GET', path: '/v1/activity/failed-loops', query: ['path', 'since', 'limit'] },
  { method: 'GET', path: '/v1/activity/failing-tools', query: ['since', 'projectId', 'limit'] },
  { method: 'GET', path: '/v1/activity/kinds', query: [] },
  { method: 'GET', path: '/v1/activity/:id', query: [] },
  { method: 'DELETE', path: '/v1/activity/:id', query: [] },
  {
    method: 'POST',
    path: '/v1/activity/purge',
    query: [],
    body: { olderThanMs: 60_000, kinds: ['tool', 'file'], dryRun: true, batchSize: 10 },
  },
]

export const hostileTranscriptRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/transcripts',
    query: ['flavor', 'outcome', 'project', 'repo', 'domain', 'since', 'until', 'order', 'limit', 'cursor'],
  },
  { method: 'GET', path: '/v1/transcripts/errors', query: ['since', 'project', 'domain', 'tool', 'limit'] },
  { method: 'GET', path: '/v1/transcripts/usage', query: ['by', 'since', 'until', 'project', 'domain'] },
  { method: 'GET', path: '/v1/transcripts/:id', query: [] },
  { method: 'GET', path: '/v1/transcripts/:id/events', query: ['after', 'kind', 'withBodies', 'limit'] },
  { method: 'GET', path: '/v1/transcripts/:id/digest', query: [] },
]
