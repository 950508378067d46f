export interface ServerSentEvent {
  id?: string
  event: string
  data: string
}

/** The events of an answer, as a browser would read them; comments under the name `comment`. */
export async function* eventsOf(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body ?? []) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) yield eventOf(block)
  }
}

function eventOf(block: string): ServerSentEvent {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? []
      return [name || 'comment', value]
    }),
  ) as Record<string, string>
  if (fields.comment !== undefined) return { event: 'comment', data: fields.comment }
  return { id: fields.id, event: fields.event ?? 'message', data: fields.data ?? '' }
}
