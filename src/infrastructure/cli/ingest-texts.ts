import type { TranscriptFigures } from '../../domain/transcripts/transcript.js'
import type { IngestedTranscript, IngestReport } from '../../domain/transcripts/transcript-ingest.js'
import { byteSize, type Column, count, printable, table } from './output.js'

/** A first ingest may bring thousands: more is for programs. */
const maxRows = 40

const columns: Column<{ uid: string } & TranscriptFigures>[] = [
  { head: 'Transcript', cell: ({ uid }) => uid },
  { head: 'Prompts', align: 'right', cell: ({ userPrompts }) => count(userPrompts) },
  { head: 'Answers', align: 'right', cell: ({ assistantMessages }) => count(assistantMessages) },
  { head: 'Calls', align: 'right', cell: ({ toolCalls }) => count(toolCalls) },
  { head: 'Errors', align: 'right', cell: ({ toolErrors }) => count(toolErrors) },
  { head: 'Input', align: 'right', cell: ({ tokens }) => count(tokens.inputTokens) },
  { head: 'Cache read', align: 'right', cell: ({ tokens }) => count(tokens.cacheReadTokens) },
  { head: 'Cache write', align: 'right', cell: ({ tokens }) => count(tokens.cacheWriteTokens) },
  { head: 'Output', align: 'right', cell: ({ tokens }) => count(tokens.outputTokens) },
]

/** What a run did: each transcript that it changed, their sums, and what it did not read. */
export function ingestText(report: IngestReport): string {
  const { transcripts, totals, sources } = report
  return [
    ...(transcripts.length > 0 ? [transcriptTable(transcripts, totals), recordsText(totals)] : []),
    sourcesText(sources),
    ...sources.failed.map(({ path, reason }) => `failed: ${printable(path)}: ${printable(reason)}`),
    ...sources.refused.map(({ path, reason }) => `refused: ${printable(path)}: ${printable(reason)}`),
  ].join('\n')
}

function transcriptTable(transcripts: IngestedTranscript[], totals: TranscriptFigures): string {
  const shown = transcripts.slice(0, maxRows)
  const rest = transcripts.length - shown.length
  const total = { uid: `${count(transcripts.length, 'transcript')}`, ...totals }
  const drawn = table(columns, transcripts.length > 1 ? [...shown, total] : shown)
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
