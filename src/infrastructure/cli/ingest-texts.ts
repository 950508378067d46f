import type { TranscriptFigures } from '../../domain/transcripts/transcript.js'
import type { IngestedTranscript, IngestReport } from '../../domain/transcripts/transcript-ingest.js'
import { byteSize, type Column, count, type Output, printable, table } from './output.js'
import { fitted, plain } from './text-layout.js'

/** A first ingest may bring thousands: more is for programs. */
const maxRows = 40

/** They are refused by every run: the first ones show what kind of files they are. */
const maxRefused = 10

/** What the columns beside the uid take, with their lines. */
const figureWidth = 63
const minUidWidth = 17

const columns: Column<TranscriptFigures>[] = [
  { head: 'Prompts', align: 'right', cell: ({ userPrompts }) => count(userPrompts) },
  { head: 'Calls', align: 'right', cell: ({ toolCalls }) => count(toolCalls) },
  { head: 'Errors', align: 'right', cell: ({ toolErrors }) => count(toolErrors) },
  { head: 'In', align: 'right', cell: ({ tokens }) => inShort(tokens.inputTokens) },
  { head: 'Cached', align: 'right', cell: ({ tokens }) => inShort(tokens.cacheReadTokens) },
  { head: 'Out', align: 'right', cell: ({ tokens }) => inShort(tokens.outputTokens) },
]

const inShort = (tokens: number) => tokens.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** What a run did: each transcript that it changed, their sums, and what it did not read. */
export function ingestText(report: IngestReport, output: Output): string {
  const { transcripts, totals, sources, digests } = report
  return [
    ...(transcripts.length > 0 ? [transcriptTable(transcripts, totals, output), recordsText(totals)] : []),
    sourcesText(sources),
    ...digestLines(digests),
    ...failureLines(sources),
    ...refusalLines(sources),
  ].join('\n')
}

function digestLines({ renewed, outdated }: IngestReport['digests']): string[] {
  const left = outdated > 0 ? `, ${count(outdated)} left for the next run` : ''
  return renewed + outdated > 0 ? [`${count(renewed, 'digest')} of an older version made anew${left}`] : []
}

/** What has changed since the last report, a line for each transcript as it now stands. */
export function changesText({ transcripts, sources }: IngestReport): string {
  const changed = transcripts.map(({ uid, userPrompts, toolCalls, toolErrors }) => {
    const errors = toolErrors > 0 ? `, ${count(toolErrors, 'error')}` : ''
    return `${plain(uid)}: ${count(userPrompts, 'prompt')}, ${count(toolCalls, 'call')}${errors}`
  })
  return [...changed, ...failureLines(sources)].join('\n') || sourcesText(sources)
}

const failureLines = ({ failed }: IngestReport['sources']) =>
  failed.map(({ path, reason }) => `failed: ${printable(path)}: ${printable(reason)}`)

function refusalLines({ refused }: IngestReport['sources']): string[] {
  const rest = refused.length - maxRefused
  const shown = refused.slice(0, maxRefused)
  return [
    ...shown.map(({ path, reason }) => `refused: ${printable(path)}: ${printable(reason)}`),
    ...(rest > 0 ? [`${count(rest)} more refused; transcripts discover lists all, with the reason.`] : []),
  ]
}

function transcriptTable(
  transcripts: IngestedTranscript[],
  totals: TranscriptFigures,
  { width = Number.POSITIVE_INFINITY }: Output,
): string {
  const shown = transcripts.slice(0, maxRows)
  const rest = transcripts.length - shown.length
  const total = { uid: `${count(transcripts.length, 'transcript')}`, ...totals }
  const uidColumn: Column<{ uid: string } & TranscriptFigures> = {
    head: 'Transcript',
    cell: ({ uid }) => fitted(plain(uid), Math.max(width - figureWidth, minUidWidth)),
  }
  const rows = transcripts.length > 1 ? [...shown, total] : shown
  const drawn = table([uidColumn, ...columns], rows, { compact: true })
  return rest === 0 ? drawn : `${drawn}\n${count(rest)} more stand in the sum; --json prints all.`
}

/** What is wrong with records is told where something is. */
function recordsText(totals: TranscriptFigures): string {
  const { records, malformedLines, recovered, unknownTypes, oversizedLines, oversizedBytes } = totals
  const facts = [
    count(records, 'record'),
    malformedLines > 0 ? `${count(malformedLines, 'malformed line')}, ${count(recovered)} saved from them` : '',
    unknownTypes > 0 ? `${count(unknownTypes)} of an unknown type` : '',
    oversizedLines > 0 ? `${count(oversizedLines)} too long, ${byteSize(oversizedBytes)} left out` : '',
  ]
  return facts.filter((fact) => fact !== '').join('; ')
}

function sourcesText({ found, read, unchanged, refused, failed }: IngestReport['sources']): string {
  if (found === 0) return 'No transcripts found.'
  const others = [
    unchanged > 0 ? `${count(unchanged)} as before` : '',
    refused.length > 0 ? `${count(refused.length)} refused` : '',
    failed.length > 0 ? `${count(failed.length)} failed` : '',
  ]
  return [`${count(read, 'file')} read`, ...others.filter((each) => each !== '')].join(', ')
}
