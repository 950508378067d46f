import type { RescanOptions, RescanReport } from '../../domain/transcripts/rescan.js'
import type { OutdatedTranscript } from '../../domain/transcripts/rescan-repository.js'
import { addCounts, flavorOf, transcriptNotFound } from '../../domain/transcripts/transcript.js'
import { analyzeTranscripts } from './analyzing.js'
import { gateOf } from './redacting.js'
import { settleAll } from './settling.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** Transcript by transcript; of one that is done its version tells, so that a run that was stopped is gone on with. */
export async function rescanTranscripts(
  parts: TranscriptServiceParts,
  { uids, dryRun = false, onProgress }: RescanOptions,
): Promise<RescanReport> {
  const { calls, rescans, evictions } = parts
  const gate = await gateOf(parts)
  const version = gate.version ?? ''
  const due = await dueTranscripts(parts, uids, version)
  const report: RescanReport = { dryRun, redactionVersion: version, scanned: 0, transcripts: [], redactions: {} }
  for (const { id, uid, redactionVersion: from } of due) {
    const { isChanged, ...found } = await calls.accept(() => rescans.rescan(id, gate, dryRun))
    report.scanned++
    if (isChanged) report.transcripts.push({ uid, from, ...found })
    addCounts(report.redactions, found.redactions)
    const redactions = sumOf(report.redactions)
    onProgress?.({ transcriptsDone: report.scanned, transcriptsTotal: due.length, redactions })
  }
  if (dryRun) return report
  await calls.accept(() => rescans.rescanSources(gate))
  await settleAll(parts, undefined, { isRescan: true })
  await analyzeTranscripts(parts)
  // What was hidden is to leave the file as well, also what a run had hidden that was stopped.
  await calls.accept(() => evictions.reclaim())
  return report
}

async function dueTranscripts(
  { calls, rescans }: TranscriptServiceParts,
  uids: readonly string[] | undefined,
  version: string,
): Promise<OutdatedTranscript[]> {
  if (uids === undefined) return calls.accept(() => rescans.outdated(version))
  const due: OutdatedTranscript[] = []
  for (const uid of new Set(uids)) {
    flavorOf(uid)
    const found = await calls.accept(() => rescans.findOutdated(uid))
    if (!found) throw transcriptNotFound(uid)
    due.push(found)
  }
  return due
}

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0)
