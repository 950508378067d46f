import type { HansardError } from '../../domain/errors.js'
import { DamagedTextError } from '../../domain/transcripts/damaged-text.js'
import type {
  EvictionAction,
  EvictionDecision,
  EvictionPass,
  EvictionReport,
  EvictOptions,
} from '../../domain/transcripts/eviction.js'
import type { EvictionCandidate } from '../../domain/transcripts/eviction-repository.js'
import { isEvictable } from '../../domain/transcripts/transcript.js'
import { digestsOf, isUnreadable } from './analyzing.js'
import { evictionTerms, why } from './eviction-terms.js'
import { settleAll } from './settling.js'
import { TextLedger } from './text-ledger.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

const candidatesAtOnce = 100
/** Rows that one transaction changes, about. */
const eventsAtOnce = 1_000

/** What is decided, and done together. */
type Planned = EvictionCandidate & { decision: EvictionDecision }

/** Decides transcript by transcript, and then, unless it is a dry run, does what was decided. */
export class Eviction {
  private readonly report: EvictionReport
  private readonly ledger: TextLedger
  /** Those that stay, by id: what was found last, and nothing of one that goes after all. */
  private readonly staying = new Map<string, EvictionDecision>()
  private planned: Planned[] = []
  private plannedEvents = 0

  constructor(
    private readonly parts: TranscriptServiceParts,
    private readonly options: EvictOptions,
    private readonly now = parts.clock(),
  ) {
    this.ledger = new TextLedger(parts)
    this.report = {
      ...{ dryRun: options.dryRun ?? false, ...evictionTerms(options) },
      ...{ bytesBefore: 0, bytesFreed: 0, bytesAfter: 0, evicted: { age: 0, budget: 0, overflow: 0 }, analyzed: 0 },
      ...{ dataLoss: { transcripts: 0, bytes: 0 }, orphans: { bodies: 0, bytes: 0 }, decisions: [] },
    }
  }

  async run(): Promise<EvictionReport> {
    const { report, parts } = this
    const { calls, evictions } = parts
    report.bytesBefore = await calls.accept(() => evictions.textBytes())
    report.orphans = await calls.accept(() => (report.dryRun ? evictions.orphans() : evictions.deleteOrphans()))
    report.bytesFreed = report.orphans.bytes
    await this.evictAnalyzed()
    if (this.bytesLeft > report.hardCapBytes) await this.evictUnanalyzed()
    report.decisions = [...report.decisions, ...this.staying.values()]
    report.bytesAfter = this.bytesLeft
    // Also what a run had let go that was stopped.
    if (!report.dryRun) await calls.accept(() => evictions.reclaim())
    return report
  }

  private get bytesLeft(): number {
    return this.report.bytesBefore - this.report.bytesFreed
  }

  /** By age and then by budget: those that are too old are those that were analysed first. */
  private async evictAnalyzed(): Promise<void> {
    const { calls, evictions } = this.parts
    const tooOld = new Date(this.now.getTime() - this.report.maxAgeMs)
    let last: EvictionCandidate | undefined
    do {
      const after = last
      const candidates = await calls.accept(() => evictions.analyzed(after, candidatesAtOnce))
      for (const each of candidates) {
        const isTooOld = each.analyzedAt !== null && each.analyzedAt < tooOld
        if (!isTooOld && this.bytesLeft <= this.report.softCapBytes) return await this.carryOut(false)
        await this.decide(each, isTooOld ? 'age' : 'budget')
      }
      last = candidates.length === candidatesAtOnce ? candidates.at(-1) : undefined
    } while (last)
    await this.carryOut(false)
  }

  private async decide(each: EvictionCandidate, pass: EvictionPass): Promise<void> {
    if (isEvictable(each) && !each.isUnderWay) {
      await this.plan(each, pass, pass === 'age' ? why.age(each, this.report) : why.budget(this.bytesLeft, this.report))
    } else if (each.holdReason !== null) this.leave(each, pass, 'held', why.held(each.holdReason))
    else this.leave(each, pass, 'incomplete', why.incomplete)
  }

  private leave({ id, uid }: EvictionCandidate, pass: EvictionPass, action: EvictionAction, because: string): void {
    this.staying.set(id, { uid, pass, action, why: because, bytesFreed: 0 })
  }

  private async plan(each: EvictionCandidate, pass: EvictionPass, because: string, isLost = false): Promise<void> {
    const bytesFreed = await this.ledger.take(each.id)
    const decision: EvictionDecision = {
      ...{ uid: each.uid, pass, action: isLost ? 'lost' : 'evicted', why: because, bytesFreed },
    }
    this.report.bytesFreed += bytesFreed
    this.staying.delete(each.id)
    this.planned.push({ ...each, decision })
    this.plannedEvents += each.lastSeq
    if (this.plannedEvents >= eventsAtOnce || this.planned.length >= candidatesAtOnce) await this.carryOut(isLost)
  }

  private async carryOut(isLastResort: boolean): Promise<void> {
    const { planned, report } = this
    this.planned = []
    this.plannedEvents = 0
    if (planned.length > 0 && !report.dryRun) await this.evict(planned, isLastResort)
    for (const each of planned) this.count(each)
    if (planned.length === 0) return
    const { decisions, bytesFreed } = report
    this.options.onProgress?.({ decided: decisions.length, bytesFreed, bytesLeft: this.bytesLeft })
  }

  /** Somebody may have written to one since it was looked at: then it stays, or frees other than was planned. */
  private async evict(planned: Planned[], isLastResort: boolean): Promise<void> {
    const { calls, evictions } = this.parts
    const ids = planned.map(({ id }) => id)
    const freed = await calls.accept(() => evictions.evict(ids, this.now, isLastResort))
    for (const { id, decision } of planned) {
      const bytes = freed.get(id) ?? 0
      if (bytes !== decision.bytesFreed) this.ledger.forget()
      this.report.bytesFreed += bytes - decision.bytesFreed
      decision.bytesFreed = bytes
      if (!freed.has(id)) Object.assign(decision, { action: 'changed', why: why.changed })
    }
  }

  private count({ id, decision }: Planned): void {
    const { report, staying } = this
    const { action, pass, bytesFreed } = decision
    if (action === 'changed') return void staying.set(id, decision)
    report.decisions.push(decision)
    report.evicted[pass]++
    if (action !== 'lost') return
    report.dataLoss.transcripts++
    report.dataLoss.bytes += bytesFreed
  }

  /** Nothing else is left to go: those without a digest get one and go; at last also those that cannot have one. */
  private async evictUnanalyzed(): Promise<void> {
    if (!this.report.dryRun) await settleAll(this.parts)
    const { analyzed, failed } = await this.analyze()
    for (const each of analyzed) {
      if (this.bytesLeft <= this.report.softCapBytes) break
      await this.plan(each, 'overflow', why.analyzed(this.bytesLeft, this.report))
    }
    await this.carryOut(false)
    for (const { error, ...each } of failed) {
      const { message } = error
      // A text that cannot be had here and now, as without its folder, may be had elsewhere.
      const isLost = error instanceof DamagedTextError && this.bytesLeft > this.report.hardCapBytes
      if (isLost) await this.plan(each, 'overflow', why.lost(message, this.bytesLeft, this.report), true)
      else this.leave(each, 'overflow', 'incomplete', why.unreadable(message))
    }
    await this.carryOut(true)
  }

  private async analyze() {
    const { calls, evictions } = this.parts
    const analyzed: EvictionCandidate[] = []
    const failed: (EvictionCandidate & { error: HansardError })[] = []
    let last: EvictionCandidate | undefined
    do {
      const after = last
      const candidates = await calls.accept(() => evictions.unanalyzed(after, candidatesAtOnce))
      for (const each of candidates) {
        if (each.holdReason !== null) {
          this.leave(each, 'overflow', 'held', why.held(each.holdReason))
          continue
        }
        const error = await this.analyzeOne(each)
        if (error === undefined) analyzed.push(each)
        else failed.push({ ...each, error })
      }
      last = candidates.length === candidatesAtOnce ? candidates.at(-1) : undefined
    } while (last)
    return { analyzed, failed }
  }

  /** Why no digest of it can be made; undefined when it was. */
  private async analyzeOne(each: EvictionCandidate): Promise<HansardError | undefined> {
    const { calls, analysis } = this.parts
    let digests: Awaited<ReturnType<typeof digestsOf>>
    try {
      digests = await digestsOf(this.parts, [each.id])
    } catch (error) {
      if (!isUnreadable(error)) throw error
      return error
    }
    if (!this.report.dryRun) await calls.accept(() => analysis.saveDigests(digests, this.now))
    const { id, uid } = each
    this.staying.delete(id)
    this.report.analyzed++
    this.report.decisions.push({ uid, pass: 'overflow', action: 'analyzed', why: why.analyzing, bytesFreed: 0 })
    return undefined
  }
}
