import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { HttpSide } from './http-side.js'

export interface Delay {
  appends: number
  medianMs: number
  p99Ms: number
}

/** From the answer to an append until its message reaches a follower; 0 for one that was there before. */
export async function followerDelay(side: HttpSide, appends: number): Promise<Delay> {
  const id = await side.create()
  const path = `/v1/sessions/${id}/follow`
  const request = httpRequest(new URL(path, side.url), { agent: false }).end()
  const [stream] = (await once(request, 'response')) as [IncomingMessage]
  const delivered: number[] = []
  const all = new Promise<void>((resolve) => {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      for (const _ of chunk.matchAll(/^id: \d+$/gm)) delivered.push(performance.now())
      if (delivered.length >= appends) resolve()
    })
  })
  const answered: number[] = []
  for (let count = 0; count < appends; count++) {
    await side.append(id, 1)
    answered.push(performance.now())
  }
  await all
  request.destroy()
  const delays = answered.map((at, index) => Math.max(0, (delivered[index] ?? Number.NaN) - at)).sort((a, b) => a - b)
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN
  return { appends, medianMs: at(0.5), p99Ms: at(0.99) }
}
