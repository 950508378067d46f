import { World } from '@cucumber/cucumber'
import type { EvictionReport } from '../../src/domain/transcripts/eviction.js'
import type { RescanReport } from '../../src/domain/transcripts/rescan.js'
import type {
  ActivityEvent,
  ActivityPurgeReport,
  ActivitySink,
  BackfillReport,
  Context,
  ContextWithSteps,
  ImportReport,
  IngestReport,
  OpenedContext,
  Page,
  PurgeReport,
  RecordedEvent,
  RecordedStep,
  RunReport,
  SearchPage,
  Session,
  SessionArchive,
  SessionMessage,
  SinkReport,
  TelemetryEvent,
  VerifyReport,
} from '../../src/index.js'
import type { AgentFolder } from './agent-folder.js'
import type { Follower, Host } from './hosts.js'
import type { StorageName } from './storages.js'

export interface WorldParameters {
  storage: StorageName
  via: 'library' | 'cli' | 'http'
}

/** What the steps of a scenario leave for the ones after them. */
export class Results extends World<WorldParameters> {
  listed: Session[] = []
  nextCursor?: string | null
  pages: Page<Session>[] = []
  pagesBack: Page<Session>[] = []
  messagePages: number[][] = []
  read: SessionMessage[] = []
  removed?: number
  outcomes: PromiseSettledResult<unknown>[] = []
  archive!: SessionArchive
  /** The first one that the scenario made, as it was. */
  firstArchive?: SessionArchive
  lines = ''
  report?: ImportReport
  verified?: VerifyReport
  follower!: Follower
  host!: Host
  /** Each opening by the name that the scenario gave it: a repeated one has another token. */
  readonly openings = new Map<string, OpenedContext>()
  context?: ContextWithSteps
  listedContexts: Context[] = []
  recorded?: RecordedStep
  ran?: RunReport
  purged?: PurgeReport
  stoppedPurge?: object
  /** Folder of what backfills read. */
  sources?: string
  backfilled?: BackfillReport
  /** The last one that was recorded, and the one before it. */
  event?: RecordedEvent
  eventBefore?: RecordedEvent
  listedEvents: ActivityEvent[] = []
  purgedActivity?: ActivityPurgeReport
  sink?: ActivitySink
  sinkReport?: SinkReport
  readonly told: TelemetryEvent[] = []
  agents?: AgentFolder
  ingested?: IngestReport
  evicted?: EvictionReport
  rescanned?: RescanReport
  /** What the store told of all transcripts, some steps ago. */
  toldBefore?: object[]
  listedUids: string[] = []
  eventPages: string[] = []
  found?: SearchPage
  foundPages: SearchPage[] = []
}
