import {
  type ActivityService,
  type ContextService,
  type OpenHansardOptions,
  openHansard,
  type SearchService,
  type SessionService,
  type TranscriptService,
} from '../../../src/index.js'

/** What scenarios ask of transcripts. */
export type TranscriptCalls = Pick<
  TranscriptService,
  'ingest' | 'list' | 'get' | 'events' | 'digest' | 'errors' | 'usage' | 'evict' | 'hold' | 'release' | 'rescan'
>

/** One way in to the store. Each offers the same calls, so that a step never knows which it uses. */
export interface Assembly {
  sessions(namespace: string): SessionService
  contexts(namespace: string): ContextService
  activity(namespace: string): ActivityService
  transcripts(namespace: string): TranscriptCalls
  search(namespace: string): SearchService
  close(): Promise<void>
}

export async function openLibrary(options: OpenHansardOptions): Promise<Assembly> {
  const hansard = await openHansard(options)
  return {
    sessions: (namespace) => hansard.namespace(namespace).sessions,
    contexts: (namespace) => hansard.namespace(namespace).contexts,
    activity: (namespace) => hansard.namespace(namespace).activity,
    transcripts: (namespace) => hansard.namespace(namespace).transcripts,
    search: (namespace) => hansard.namespace(namespace),
    close: () => hansard.close(),
  }
}

/** For what a way in does not offer: features that need it are tagged `@library-only`. */
export function notOffered(way: string, thing: string): never {
  throw new TypeError(`The ${way} has no ${thing}`)
}
