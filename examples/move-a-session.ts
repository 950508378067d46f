import { openHansard } from 'hansard'

/** A session moves from one store to another, line by line, and is the same there. */
async function main(): Promise<void> {
  const from = await openHansard({ database: 'sqlite:./from.db' })
  const to = await openHansard({ database: 'sqlite:./to.db' })
  const { id } = await from.sessions.create({ actorName: 'ada' })
  await from.sessions.appendMessage(id, { role: 'user', content: { b: 1, a: [true, null] } })

  await to.sessions.importSession(from.sessions.exportLines(id, 'jsonl'), { ids: 'preserve' })
  const [original, moved] = [await from.sessions.exportSession(id), await to.sessions.exportSession(id)]
  console.log(JSON.stringify(original) === JSON.stringify(moved) ? 'byte for byte the same' : 'DIFFERENT')
  console.log((await to.sessions.verify(id)).ok ? 'sound' : 'UNSOUND')
  await from.close()
  await to.close()
}

void main()
