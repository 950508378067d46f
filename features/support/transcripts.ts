import type { DataTable } from '@cucumber/cucumber'
import type { ListTranscriptsOptions, TranscriptEvent, TranscriptWithSources } from '../../src/index.js'
import { AgentFolder } from './agent-folder.js'
import type { Line } from './agent-sessions.js'
import type { TranscriptCalls } from './assemblies/library.js'
import { secretToken } from './secret-token.js'
import { textOfRows } from './storages.js'
import type { HansardWorld } from './world.js'

/** The scenario's one folder, made when it is first needed. */
export function agentsOf(world: HansardWorld): AgentFolder {
  if (!world.agents) {
    const agents = new AgentFolder()
    world.afterwards(async () => agents.delete())
    world.agents = agents
  }
  return world.agents
}

export const linesOf = (table: DataTable): Line[] =>
  table.raw().map(([does = '', text = '']) => [does, text.replaceAll('{token}', secretToken)])

export async function ingest(world: HansardWorld, options: Parameters<TranscriptCalls['ingest']>[0] = {}) {
  const paths = [agentsOf(world).path]
  world.ingested = await world.attempt(() => world.transcripts.ingest({ paths, ...options }))
}

export async function allUids(world: HansardWorld, options: ListTranscriptsOptions = {}): Promise<string[]> {
  const uids: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await world.transcripts.list({ ...options, ...(cursor && { cursor }) })
    uids.push(...page.items.map(({ uid }) => uid))
    cursor = page.nextCursor
  }
  return uids
}

export async function allEvents(world: HansardWorld, uid: string): Promise<TranscriptEvent[]> {
  return (await world.transcripts.events(uid, { limit: 1000, withBodies: true })).items
}

/** All that is told of every transcript, but for when it was read and under which ids. */
export async function toldOfAll(world: HansardWorld): Promise<object[]> {
  const told: object[] = []
  for (const uid of (await allUids(world)).sort()) {
    const transcript = await world.transcripts.get(uid)
    const events = (await allEvents(world, uid)).map(({ id: _, transcriptId: __, ...event }) => event)
    told.push({ ...lasting(transcript), events, digest: await world.transcripts.digest(uid) })
  }
  return told
}

function lasting({ id: _, namespace: __, ...transcript }: TranscriptWithSources): object {
  const { discoveredAt: _1, ingestedAt: _2, analyzedAt: _3, generation: _4, sources, ...told } = transcript
  return { ...told, sources: sources.map(({ readAt: _5, ...source }) => source) }
}

/** What no eviction takes away: digests, errors and usage. */
export async function toldThatStays(world: HansardWorld): Promise<object[]> {
  const uids = (await allUids(world)).sort()
  const digests = await Promise.all(uids.map(async (uid) => ({ uid, digest: await world.transcripts.digest(uid) })))
  return [...digests, await world.transcripts.errors(), await world.transcripts.usage()]
}

/** Behind the store's back, in small letters. */
export async function allRows(world: HansardWorld): Promise<string> {
  const tables = await world.storage.execute(
    world.parameters.storage === 'sqlite'
      ? "select name from sqlite_master where type = 'table'"
      : 'select table_name as name from information_schema.tables where table_schema = current_schema()',
  )
  const rows = await Promise.all(tables.map(({ name }) => world.storage.execute(`select * from ${String(name)}`)))
  return textOfRows(rows.flat())
}
