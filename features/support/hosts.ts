import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'
import { type Hansard, openHansard, type SessionService } from '../../src/index.js'
import type { HansardWorld } from './world.js'

/** A host with a connection of its own, on which the store was opened. */
export interface Host {
  connection: DataSource
  transact<T>(work: (hansard: Hansard<EntityManager>) => Promise<T>): Promise<T>
}

export async function openOnHostConnection(world: HansardWorld): Promise<Host> {
  await world.closeStore()
  const connection = await world.storage.connectHost()
  world.afterwards(() => connection.destroy())
  const { schema } = world.storage.options
  const hansard = await openHansard({ dataSource: connection, schema, migrate: 'run', clock: world.clock.now })
  world.use({
    sessions: (namespace) => hansard.namespace(namespace).sessions,
    contexts: (namespace) => hansard.namespace(namespace).contexts,
    activity: (namespace) => hansard.namespace(namespace).activity,
    transcripts: (namespace) => hansard.namespace(namespace).transcripts,
    search: (namespace) => hansard.namespace(namespace),
    close: () => hansard.close(),
  })
  return {
    connection,
    transact: (work) => connection.transaction((manager) => work(hansard.withTransaction(manager))),
  }
}

/** Somebody who reads a session as it goes on. */
export class Follower {
  readonly ended: Promise<void>
  private readonly got: number[] = []
  private readonly controller = new AbortController()

  constructor(sessions: SessionService, id: string, after?: number) {
    this.ended = this.follow(sessions.follow(id, { after, signal: this.controller.signal }))
  }

  /** The sequences of everything that came until there were `count`, and for a moment longer. */
  async take(count: number): Promise<number[]> {
    for (let waited = 0; this.got.length < count && waited < 10_000; waited += 20) await sleep(20)
    await sleep(20)
    this.stop()
    await this.ended
    return this.got
  }

  stop(): void {
    this.controller.abort()
  }

  private async follow(messages: AsyncIterable<{ sequence: number }>): Promise<void> {
    for await (const { sequence } of messages) this.got.push(sequence)
  }
}
