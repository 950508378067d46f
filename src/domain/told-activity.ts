import type { JsonObject } from './canonical-json.js'

/** Something that happened, as a transcript tells of it. */
export interface ToldActivity {
  transcriptId: string
  kind: 'tool' | 'file' | 'correction'
  nativeId: string
  ts: Date
  sessionId: string
  projectId: string | null
  path: string | null
  name: string | null
  state: string | null
  payload: JsonObject
}
