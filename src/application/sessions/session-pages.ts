import { toJsonText } from '../../domain/canonical-json.js'
import { InvalidInputError } from '../../domain/errors.js'
import { decodeCursor, encodeCursor, listingFingerprint, type Page, type PagePosition } from '../../domain/page.js'
import type { SessionMessage } from '../../domain/sessions/message.js'
import type { Session } from '../../domain/sessions/session.js'
import type { ListMessagesOptions, ListSessionsOptions } from '../../domain/sessions/session-service.js'
import { instantOr } from '../input-rules.js'
import { requireText, validated } from '../validated.js'
import { ListMessagesFields, ListSessionsFields } from './session-inputs.js'
import { type SessionServiceParts, sessionNotFound } from './session-service-parts.js'

/** What a caller gets at once: more than work in pages holds, since he asked for it. */
const pageBytes = 64 * 1024 * 1024

/** Listings by keyset, in both directions. */
export class SessionPages {
  constructor(private readonly parts: SessionServiceParts) {}

  async sessions(plain: ListSessionsOptions): Promise<Page<Session>> {
    const { cursor, offset, limit = 50, createdAfter, createdBefore, ...query } = validated(ListSessionsFields, plain)
    refuseTogether({ cursor }, { offset })
    toJsonText(query.metadata ?? {}, 'metadata')
    const dates = {
      createdAfter: instantOr(createdAfter),
      createdBefore: instantOr(createdBefore),
    }
    const fingerprint = listingFingerprint(this.parts.namespace, { ...query, ...dates })
    const position = cursor === undefined ? undefined : decodeCursor(cursor, fingerprint)
    const page = await this.parts.sessions.listAll({ ...query, ...dates, offset, limit, position })
    const encoded = (place: PagePosition | null) => place && encodeCursor(place, fingerprint)
    return { items: page.items, nextCursor: encoded(page.nextCursor), previousCursor: encoded(page.previousCursor) }
  }

  async messages(id: string, plain: ListMessagesOptions): Promise<Page<SessionMessage, number>> {
    const { after, before, latest, offset, limit = 100 } = validated(ListMessagesFields, plain)
    refuseTogether({ latest }, { after, before, offset })
    const size = latest ?? limit
    const fromEnd = after === undefined && (latest ?? before) !== undefined
    const range = { after, before, limit: size + 1, offset, fromEnd, pageBytes }
    const { messages, isCut } = await this.parts.messages.pageForSession(requireText(id, 'id'), range)
    // Only an empty answer leaves open whether the session exists.
    if (messages.length === 0 && !(await this.parts.sessions.getById(id))) throw sessionNotFound(this.parts, id)
    const hasMore = isCut || messages.length > size
    const items = fromEnd ? messages.slice(-size) : messages.slice(0, size)
    return fromEnd ? pageFromEnd(items, hasMore, before !== undefined) : pageFromStart(items, hasMore, range)
  }
}

/** Refuses options that would contradict the one. */
function refuseTogether(one: Record<string, unknown>, others: Record<string, unknown>): void {
  const [path = '', value] = Object.entries(one)[0] ?? []
  const given = Object.keys(others).filter((name) => others[name] !== undefined)
  if (value === undefined || given.length === 0) return
  throw new InvalidInputError([{ path, message: `does not go together with ${given.join(' and ')}` }])
}

type MessagePage = Page<SessionMessage, number>

function pageFromStart(
  items: SessionMessage[],
  hasMore: boolean,
  range: { after?: number; offset?: number },
): MessagePage {
  const hasPrevious = (range.after ?? 0) > 0 || (range.offset ?? 0) > 0
  return {
    items,
    nextCursor: hasMore ? (items.at(-1)?.sequence ?? null) : null,
    previousCursor: hasPrevious ? (items[0]?.sequence ?? null) : null,
  }
}

function pageFromEnd(items: SessionMessage[], hasMore: boolean, hasNext: boolean): MessagePage {
  return {
    items,
    nextCursor: hasNext ? (items.at(-1)?.sequence ?? null) : null,
    previousCursor: hasMore ? (items[0]?.sequence ?? null) : null,
  }
}
