import { After, AfterAll, Before, setDefaultTimeout, setWorldConstructor } from '@cucumber/cucumber'
import type {
  ActivityService,
  ContextService,
  OpenedContext,
  OpenHansardOptions,
  SearchService,
  Session,
  SessionService,
  TelemetryEvent,
} from '../../src/index.js'
import { openCommandLine } from './assemblies/cli.js'
import { openHttp } from './assemblies/http.js'
import { type Assembly, openLibrary, type TranscriptCalls } from './assemblies/library.js'
import { TestClock } from './clock.js'
import { Results } from './results.js'
import { makeStorage, removeSpareStorages, type Storage } from './storages.js'

interface Failure {
  code?: string
  message: string
  problems?: { path: string }[]
}

const openAssembly = { library: openLibrary, cli: openCommandLine, http: openHttp }
setDefaultTimeout(60_000)

/** What a scenario stands in: a store of its own, a clock that it moves, and the last failure. */
export class HansardWorld extends Results {
  readonly clock = new TestClock()
  namespace = 'default'
  storage!: Storage
  private assembly?: Assembly
  private readonly ids = new Map<string, string>()
  private readonly cleanups: (() => Promise<unknown>)[] = []
  private failure?: Failure

  get sessions(): SessionService {
    return this.openAssembly.sessions(this.namespace)
  }

  get contexts(): ContextService {
    return this.openAssembly.contexts(this.namespace)
  }

  get activity(): ActivityService {
    return this.openAssembly.activity(this.namespace)
  }

  get transcripts(): TranscriptCalls {
    return this.openAssembly.transcripts(this.namespace)
  }

  get searching(): SearchService {
    return this.openAssembly.search(this.namespace)
  }

  /** Goes on in a new, empty place, as on another machine. */
  async useNewStorage(): Promise<void> {
    await this.closeStore()
    this.storage = await makeStorage[this.parameters.storage]()
    this.cleanups.push(this.storage.remove)
    await this.storage.migrate()
    await this.openStore()
  }

  async openStore(options: OpenHansardOptions = {}): Promise<void> {
    await this.closeStore()
    this.assembly = await this.openAnother(options)
  }

  /** Goes on with a store that was opened otherwise. */
  use(assembly: Assembly): void {
    this.assembly = assembly
    this.afterwards(() => assembly.close())
  }

  async closeStore(): Promise<void> {
    await this.assembly?.close()
    this.assembly = undefined
  }

  /** One more opening of the same store, closed with the scenario. */
  async openAnother(options: OpenHansardOptions = {}): Promise<Assembly> {
    const open = openAssembly[this.parameters.via]
    const telemetry = (event: TelemetryEvent) => void this.told.push(event)
    const assembly = await open({ ...this.storage.options, clock: this.clock.now, telemetry, ...options })
    this.afterwards(() => assembly.close())
    return assembly
  }

  /** Done when the scenario has ended, the last said first. */
  afterwards(cleanup: () => Promise<unknown>): void {
    this.cleanups.push(cleanup)
  }

  /** Gives a session the name by which the scenario speaks of it. */
  remember(name: string, session: Pick<Session, 'id'> | undefined): void {
    if (session) this.ids.set(name, session.id)
  }

  id(name: string): string {
    const id = this.ids.get(name)
    if (!id) throw new TypeError(`No session "${name}" in this scenario`)
    return id
  }

  token(name: string): string {
    return this.opening(name).stateToken
  }

  opening(name: string): OpenedContext {
    const opening = this.openings.get(name)
    if (!opening) throw new TypeError(`No context "${name}" in this scenario`)
    return opening
  }

  nameOf(session: Pick<Session, 'id'>): string {
    return [...this.ids].find(([, id]) => id === session.id)?.[0] ?? session.id
  }

  session(name: string): Promise<Session> {
    return this.sessions.get(this.id(name))
  }

  /** Keeps the failure, which a later step must claim. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    this.assertNothingUnclaimed()
    try {
      return await action()
    } catch (error) {
      this.failure = error as Failure
      return undefined
    }
  }

  claimFailure(code: string): Failure {
    const failure = this.failure
    if (!failure) throw new Error(`It did not fail; expected ${code}`)
    if (failure.code !== code) throw new Error(`Expected ${code}`, { cause: failure })
    this.failure = undefined
    return failure
  }

  assertNothingUnclaimed(): void {
    if (this.failure) throw new Error('A failure that no step claimed', { cause: this.failure })
  }

  private get openAssembly(): Assembly {
    if (!this.assembly) throw new TypeError('The store is closed')
    return this.assembly
  }

  async cleanUp(): Promise<void> {
    for (const cleanup of this.cleanups.reverse()) await cleanup()
  }
}

setWorldConstructor(HansardWorld)

Before(function (this: HansardWorld) {
  return this.useNewStorage()
})

After(async function (this: HansardWorld) {
  await this.cleanUp()
  this.assertNothingUnclaimed()
})

AfterAll(removeSpareStorages)
