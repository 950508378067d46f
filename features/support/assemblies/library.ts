import { type ContextService, type OpenHansardOptions, openHansard, type SessionService } from '../../../src/index.js'

/** One way in to the store. Each offers the same calls, so that a step never knows which it uses. */
export interface Assembly {
  sessions(namespace: string): SessionService
  contexts(namespace: string): ContextService
  close(): Promise<void>
}

export async function openLibrary(options: OpenHansardOptions): Promise<Assembly> {
  const hansard = await openHansard(options)
  return {
    sessions: (namespace) => hansard.namespace(namespace).sessions,
    contexts: (namespace) => hansard.namespace(namespace).contexts,
    close: () => hansard.close(),
  }
}
