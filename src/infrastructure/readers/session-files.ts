import type { Dirent } from 'node:fs'
import { opendir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Surroundings, TranscriptSource } from '../../domain/transcripts/transcript-reader.js'

const askedAtOnce = 500
/** What waits for the disk is waited for together. */
const identifiedAtOnce = 16

/** The files below a folder whose names pass, a session's own before those of its agents; a folder that is not there, or not ours to read, has none. Follows no links. */
export async function* filesBelow(folder: string, isWanted: (name: string) => boolean): AsyncGenerator<string> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path, isWanted)
    else if (entry.isFile() && isWanted(entry.name)) yield path
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries: Dirent[] = []
  try {
    for await (const entry of await opendir(folder)) entries.push(entry)
  } catch {
    return []
  }
  return entries.sort((a, b) => Number(a.isDirectory()) - Number(b.isDirectory()) || (a.name < b.name ? -1 : 1))
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** Without those that are one and the same folder under several names. */
export async function distinctFolders(paths: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>()
  for (const path of paths) {
    const real = await realpath(path).catch(() => undefined)
    if (real !== undefined && !found.has(real)) found.set(real, path)
  }
  return [...found.values()]
}

/** The folders named in a variable, by commas; otherwise the ones by default. */
export function foldersFrom(variable: string | undefined, byDefault: readonly string[]): string[] {
  const named = (variable ?? '').split(',').map((path) => path.trim())
  const given = named.filter((path) => path !== '')
  return given.length > 0 ? given.map((path) => resolve(path)) : [...byDefault]
}

/** Of the files that belong to the flavor, each source; one that cannot be looked at says why, one that is gone is left out. */
export async function* sourcesOf(
  flavor: string,
  files: AsyncIterable<string>,
  identify: (path: string) => Promise<TranscriptSource | undefined>,
  known?: Surroundings['known'],
): AsyncGenerator<TranscriptSource> {
  for await (const paths of together(files)) {
    const unchanged = await known?.(paths)
    for (let start = 0; start < paths.length; start += identifiedAtOnce) {
      const some = paths.slice(start, start + identifiedAtOnce)
      const found = await Promise.all(some.map(async (path) => unchanged?.get(path) ?? (await identified(path))))
      yield* found.flat().filter(isOurs)
    }
  }
  function isOurs(source: TranscriptSource): boolean {
    return source.flavor === flavor
  }
  async function identified(path: string): Promise<TranscriptSource[]> {
    try {
      return [await identify(path)].filter((source) => source !== undefined)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : [unreadable(flavor, path, error as Error)]
    }
  }
}

/** As many as are asked for at once. */
async function* together(paths: AsyncIterable<string>): AsyncGenerator<string[]> {
  let some: string[] = []
  for await (const path of paths) {
    if (some.push(path) < askedAtOnce) continue
    yield some
    some = []
  }
  yield some
}

function unreadable(flavor: string, path: string, error: Error): TranscriptSource {
  return { flavor, id: path, path, form: 'lines', sessionId: '', failure: error.message }
}

/** A file stands for itself, a folder for the files below it. */
export async function* filesAt(places: readonly string[], isWanted: (name: string) => boolean): AsyncGenerator<string> {
  for (const place of places) {
    if (await isFolder(place)) yield* filesBelow(place, isWanted)
    else yield place
  }
}
