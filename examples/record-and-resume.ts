import { openHansard } from 'hansard'

/** Two runs of a program: the second one goes on where the first one stopped. */
async function turn(question: string): Promise<void> {
  const hansard = await openHansard({ database: 'sqlite:./example.db' })
  const session = await hansard.sessions.getOrCreate({ actorName: 'ada', externalId: 'chat-42' })
  const { items } = await hansard.sessions.messages(session.id, { latest: 20 })
  console.log(`${items.length} messages so far`)
  await hansard.sessions.appendMessages(
    session.id,
    [
      { role: 'user', content: question },
      { role: 'assistant', content: 'Yes.', usage: { inputTokens: 9, outputTokens: 2, model: 'example-model' } },
    ],
    { expectedSequence: session.lastSequence },
  )
  await hansard.close()
}

async function main(): Promise<void> {
  await turn('Do I need an umbrella?')
  await turn('And a coat?')
}

void main()
