import type { BackfillOptions, BackfillReport } from '../../domain/activity/activity-backfill.js'
import { InvalidInputError } from '../../domain/errors.js'
import { validated } from '../validated.js'
import { BackfillFields } from './activity-inputs.js'
import type { ActivityServiceParts } from './activity-service-parts.js'
import { BackfillTally } from './backfill-tally.js'
import { findFiles } from './source-places.js'
import { SourceReader } from './source-reader.js'

/** Goes through all files, one after the other; one that cannot be read is told of and stops nothing. */
export async function backfillEvents(parts: ActivityServiceParts, plain: BackfillOptions): Promise<BackfillReport> {
  parts.calls.assertOpen()
  const { onProgress, ...options } = validated(BackfillFields, plain)
  if (Object.values(options).every((each) => each === undefined)) {
    const message = 'needs at least one of issuesDir, loopsDir and transcripts'
    throw new InvalidInputError([{ path: 'input', message }])
  }
  const found = await findFiles(options)
  const files = [found.issues, found.loops, found.transcripts].flatMap((each) => each.files)
  const tally = new BackfillTally(found, files.length)
  for (const file of files) {
    await new SourceReader(parts, tally, file).read()
    onProgress?.(tally.fileDone(file))
  }
  return tally.report(await parts.calls.accept(() => parts.sources.countRejects()))
}
