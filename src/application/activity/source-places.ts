import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { BackfillOptions, BackfillSource } from '../../domain/activity/activity-backfill.js'

/** A file of a source, or a folder that cannot be looked into. */
export interface FoundFile {
  source: BackfillSource
  path: string
  /** The place under which it was found. */
  place: string
  error?: Error
}

export interface FoundFiles {
  /** Places that are there. */
  present: string[]
  files: FoundFile[]
  /** Places that are not there. */
  absent: string[]
}

/** Every file that a backfill is to look at, by source; each once, in the order of their names. */
export async function findFiles(options: BackfillOptions): Promise<Record<BackfillSource, FoundFiles>> {
  const { issuesDir, loopsDir, transcripts = [] } = options
  return {
    issues: await filesAt('issues', issuesDir === undefined ? [] : [issuesDir], '.md'),
    loops: loopsDir === undefined ? await filesAt('loops', [], '.json') : await loopFiles(loopsDir),
    transcripts: await filesAt('transcripts', transcripts, '.jsonl'),
  }
}

/** What runs first, then what ended: of a run that is in both, the end is what stays. */
async function loopFiles(folder: string): Promise<FoundFiles> {
  const { files } = await filesAt('loops', [join(folder, '.running'), join(folder, '.history')], '.json')
  // What cannot be looked at is there, and told of as unreadable.
  const wasThere = await stat(folder).then(
    () => true,
    (error) => !isAbsent(error),
  )
  // Loops that never ran have left neither of the two.
  const place = [resolve(folder)]
  return wasThere ? { present: place, files, absent: [] } : { present: [], files, absent: place }
}

async function filesAt(source: BackfillSource, places: readonly string[], ending: string): Promise<FoundFiles> {
  const files = new Map<string, FoundFile>()
  const present: string[] = []
  const absent: string[] = []
  for (const place of places.map((each) => resolve(each))) {
    const found = await filesOf(source, place, ending)
    const list = found ? present : absent
    list.push(place)
    for (const file of found ?? []) files.set(file.path, file)
  }
  return { present, files: [...files.values()], absent }
}

async function filesOf(source: BackfillSource, place: string, ending: string): Promise<FoundFile[] | undefined> {
  try {
    const isFolder = (await stat(place)).isDirectory()
    return isFolder ? await filesBelow({ source, path: place, place }, ending) : [{ source, path: place, place }]
  } catch (error) {
    return isAbsent(error) ? undefined : [{ source, path: place, place, error: error as Error }]
  }
}

/** Whether a place could not be looked at because it is not there. */
export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** Hidden ones are left alone, and links to folders, which may lead round in a circle. */
async function filesBelow(folder: FoundFile, ending: string): Promise<FoundFile[]> {
  const files: FoundFile[] = []
  try {
    const entries = await readdir(folder.path, { withFileTypes: true })
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const found = { ...folder, path: join(folder.path, entry.name) }
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) files.push(...(await filesBelow(found, ending)))
      else if (entry.name.endsWith(ending)) files.push(found)
    }
  } catch (error) {
    files.push({ ...folder, error: error as Error })
  }
  return files
}
