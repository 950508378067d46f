import type { EvictionDecision, EvictionReport } from '../../domain/transcripts/eviction.js'
import type { RescanReport } from '../../domain/transcripts/rescan.js'
import { byteSize, count, type Output } from './output.js'
import { fitted, plain } from './text-layout.js'

/** An eviction may decide on thousands: more is for programs. */
const maxDecisions = 40

/** What an eviction did, each decision with its reason. */
export function evictionText(report: EvictionReport, output: Output): string {
  const { dryRun, evicted, analyzed, bytesBefore, bytesFreed, bytesAfter, dataLoss, orphans, decisions } = report
  const gone = Object.values(evicted).reduce((sum, each) => sum + each, 0)
  const rest = decisions.length - maxDecisions
  const lines = [
    dryRun ? 'Dry run; nothing was changed. A run now would report:' : '',
    ...decisions.slice(0, maxDecisions).map((decision) => decisionText(decision, output)),
    rest > 0 ? `${count(rest)} more decisions; --json prints all.` : '',
    `${count(gone, 'transcript')} evicted: ${count(evicted.age)} for their age, ${count(evicted.budget)} for the soft cap, ${count(evicted.overflow)} for the hard cap`,
    analyzed > 0 ? `${count(analyzed)} given their digest now` : '',
    dataLoss.transcripts > 0
      ? output.emphasise(
          'red',
          `lost without a digest: ${count(dataLoss.transcripts, 'transcript')}, ${byteSize(dataLoss.bytes)}`,
        )
      : '',
    orphans.bodies > 0 ? `${count(orphans.bodies, 'text')} that nothing referred to, ${byteSize(orphans.bytes)}` : '',
    `${byteSize(bytesFreed)} freed: ${byteSize(bytesBefore)} before, ${byteSize(bytesAfter)} after`,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

function decisionText({ uid, action, why, bytesFreed }: EvictionDecision, output: Output): string {
  const freed = bytesFreed > 0 ? ` · ${byteSize(bytesFreed)}` : ''
  const head = `${action.padEnd(10)}  ${plain(uid)}${freed}`
  const reason = fitted(`            ${plain(why)}`, output.width ?? Number.POSITIVE_INFINITY)
  return `${output.emphasise(action === 'lost' ? 'red' : 'bold', head)}\n${output.emphasise('dim', reason)}`
}

/** What a rescan hid. */
export function rescanText({ dryRun, scanned, transcripts, redactions }: RescanReport): string {
  const hidden = Object.entries(redactions).map(([kind, secrets]) => `  ${kind} ${count(secrets)}`)
  const total = Object.values(redactions).reduce((sum, each) => sum + each, 0)
  return [
    ...(dryRun ? ['Dry run; nothing was changed. A run now would report:'] : []),
    ...transcripts.map(({ uid, eventsChanged }) => `${plain(uid)}: ${count(eventsChanged, 'event')} changed`),
    `${count(scanned, 'transcript')} looked through, ${count(total, 'secret')} hidden`,
    ...hidden,
  ].join('\n')
}
