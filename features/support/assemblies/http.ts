import { type OpenHansardOptions, openHansard } from '../../../src/index.js'
import { startServer } from '../../../src/infrastructure/http/server.js'
import { HttpActivity } from './http-activity.js'
import { HttpContexts } from './http-contexts.js'
import { HttpSearch } from './http-search.js'
import { HttpSessions } from './http-sessions.js'
import { HttpTranscripts } from './http-transcripts.js'
import type { Assembly } from './library.js'

/** The service on a port of its own, with the scenario's store and clock; every call is a request. */
export async function openHttp(options: OpenHansardOptions): Promise<Assembly> {
  const hansard = await openHansard(options)
  const server = await startServer({ hansard, port: 0, rateLimit: 0 }).catch(async (error: unknown) => {
    await hansard.close()
    throw error
  })
  const connecting = new Set<Promise<unknown>>()
  return {
    sessions: (namespace) => new HttpSessions(server.url, namespace, connecting),
    contexts: (namespace) => new HttpContexts(server.url, namespace),
    activity: (namespace) => new HttpActivity(server.url, namespace),
    transcripts: (namespace) => new HttpTranscripts(server.url, namespace, hansard.namespace(namespace).transcripts),
    search: (namespace) => new HttpSearch(server.url, namespace),
    async close() {
      // A call that was made before comes before.
      await Promise.allSettled(connecting)
      await server.close()
      await hansard.close()
    },
  }
}
