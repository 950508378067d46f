import { type FindUnreadable, unreadableRows } from '../unreadable-rows.js'

/** What of the transcripts cannot be read any more. */
export const unreadableTranscripts: FindUnreadable = async (database) => {
  const columns = 'id, uid, figures, redactions, digest'
  const names = await unreadableRows<TranscriptTexts>(
    database,
    [database.tables.transcripts, columns],
    ({ figures, redactions, digest }) => [figures, redactions, digest].every(isObject),
    ({ uid }) => uid,
  )
  return { of: 'transcripts', names }
}

/** How far their sources were read. */
export const unreadableTranscriptSources: FindUnreadable = async (database) => {
  const names = await unreadableRows<{ id: string; position: string | null }>(
    database,
    [database.tables.transcriptSources, 'id, position'],
    ({ position }) => isObject(position),
    ({ id }) => id,
  )
  return { of: 'transcript sources', names }
}

interface TranscriptTexts {
  id: string
  uid: string
  figures: string
  redactions: string
  digest: string | null
}

/** What is not there yet is no fault. */
function isObject(text: string | null): boolean {
  if (text === null) return true
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
