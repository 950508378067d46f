import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Hansard } from '../src/index.js'
import { content, type Side } from './side.js'

const { startServer } =
  require('../dist/src/infrastructure/http/server.js') as typeof import('../src/infrastructure/http/server.js')

/** The part of a side that the service is measured by. */
export type HttpSide = Pick<Side, 'create' | 'append'> & { url: string; close(): Promise<void> }

/** The service and its client in this process: the ratio charges both to the service. */
export async function httpSide(hansard: Hansard): Promise<HttpSide> {
  const server = await startServer({ hansard, port: 0, rateLimit: 0 })
  const agent = new Agent({ keepAlive: true })
  const post = async (path: string, body: object): Promise<string> => {
    const headers = { 'content-type': 'application/json' }
    const request = httpRequest(new URL(path, server.url), { method: 'POST', headers, agent })
    request.end(JSON.stringify(body))
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const answered = await text(answer)
    if (answer.statusCode !== 201) throw new Error(answered)
    return answered
  }
  return {
    url: server.url,
    create: async () => (JSON.parse(await post('/v1/sessions', { actorName: 'ada' })) as { id: string }).id,
    append: (id, count) =>
      post(`/v1/sessions/${id}/messages`, { messages: Array(count).fill({ role: 'user', content }) }),
    async close() {
      agent.destroy()
      await server.close()
    },
  }
}
