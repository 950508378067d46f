/** What search is to find of one row, written and deleted with the row itself. */
export interface SearchEntry {
  kind: string
  owner: 'message' | 'event' | 'transcript_event' | 'transcript'
  ownerId: string
  /** Where a reader is sent; null where the row itself tells. */
  anchor: string | null
  at: Date
  text: string
  sessionId: string | null
  actorName: string | null
  /** Every name that its project goes by. */
  projectIds: readonly string[]
}
