import type { RelatedQuery } from '../../domain/activity/activity-repository.js'
import type { RelatedSubject } from '../../domain/activity/activity-service.js'
import { InvalidInputError } from '../../domain/errors.js'
import { decodeCursor, encodeCursor, listingFingerprint, type Page, type PagePosition } from '../../domain/page.js'
import { validated } from '../validated.js'
import { RelatedSubjectFields } from './activity-inputs.js'

/** Reads one page; its cursors belong to the listing and the namespace. */
export async function paged<T>(
  namespace: string,
  listing: object,
  cursor: string | undefined,
  read: (position: PagePosition | undefined) => Promise<Page<T, PagePosition>>,
): Promise<Page<T>> {
  const fingerprint = listingFingerprint(namespace, { activity: listing })
  const page = await read(cursor === undefined ? undefined : decodeCursor(cursor, fingerprint))
  return {
    items: page.items,
    nextCursor: page.nextCursor && encodeCursor(page.nextCursor, fingerprint),
    previousCursor: page.previousCursor && encodeCursor(page.previousCursor, fingerprint),
  }
}

export function subjectOf(plain: RelatedSubject): Pick<RelatedQuery, 'by' | 'value'> {
  const given = Object.entries(validated(RelatedSubjectFields, plain, 'subject')).filter(
    (entry): entry is [RelatedQuery['by'], string] => entry[1] !== undefined,
  )
  const [subject] = given
  if (subject && given.length === 1) return { by: subject[0], value: subject[1] }
  const message = 'needs exactly one of path, issueId, sessionId and loop'
  throw new InvalidInputError([{ path: 'subject', message }])
}
