import { stat } from 'node:fs/promises'
import { sep } from 'node:path'
import {
  type BackfillOptions,
  type BackfillReport,
  type BackfillSource,
  backfillSources,
} from '../../domain/activity/activity-backfill.js'
import { InvalidInputError } from '../../domain/errors.js'
import { validated } from '../validated.js'
import { BackfillFields } from './activity-inputs.js'
import type { ActivityServiceParts } from './activity-service-parts.js'
import { BackfillTally } from './backfill-tally.js'
import { type FoundFiles, findFiles, isAbsent } from './source-places.js'
import { SourceReader } from './source-reader.js'
import { forgotten } from './source-writer.js'

/** Goes through all files, one after the other; one that cannot be read is told of and stops nothing. */
export async function backfillEvents(parts: ActivityServiceParts, plain: BackfillOptions): Promise<BackfillReport> {
  parts.calls.assertOpen()
  const { onProgress, again = false, ...options } = validated(BackfillFields, plain)
  if (Object.values(options).every((each) => each === undefined)) {
    const message = 'needs at least one of issuesDir, loopsDir and transcripts'
    throw new InvalidInputError([{ path: 'input', message }])
  }
  const found = await findFiles(options)
  const files = [found.issues, found.loops, found.transcripts].flatMap((each) => each.files)
  const tally = new BackfillTally(found, files.length)
  for (const file of files) {
    await new SourceReader(parts, tally, file, again).read()
    onProgress?.(tally.fileDone(file))
  }
  for (const source of backfillSources) await forgetGone(parts, source, found[source])
  return tally.report(await parts.calls.accept(() => parts.sources.countRejects()))
}

/** What could not be read of a file that is not there any more needs nobody's attention. Its events stay. */
async function forgetGone(
  { calls, sources, clock }: ActivityServiceParts,
  kind: BackfillSource,
  { present, files }: FoundFiles,
): Promise<void> {
  const found = new Set(files.map(({ path }) => path))
  for (const source of await calls.accept(() => sources.listRejected(kind))) {
    const isBelow = present.some((place) => source.path.startsWith(place.endsWith(sep) ? place : place + sep))
    if (!isBelow || found.has(source.path) || !(await isGone(source.path))) continue
    const batch = { isFromStart: true, isAgain: false, statements: [], rejects: [] }
    await calls.accept(() => sources.save({ ...batch, source: { ...forgotten(source), updatedAt: clock() } }))
  }
}

const isGone = (path: string): Promise<boolean> => stat(path).then(() => false, isAbsent)
