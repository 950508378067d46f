import { dirname, resolve, sep } from 'node:path'
import type { FolderListener, FolderWatch, TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import { seenOf } from './seen-files.js'

/** Systems bound how many folders a process may watch; what is live is among those written to last. */
const maxWatched = 500

interface SourceFolder {
  /** What is read when it changes, by flavor. */
  places: Map<string, string>
  /** By flavor and id: every scan finds them anew. */
  sources: Map<string, TranscriptSource>
  isNamed: boolean
}

/** The folders that sources lie in, and those above them, where new ones are made. */
export class SourceFolders {
  private folders = new Map<string, SourceFolder>()
  private readonly watched = new Map<string, FolderListener>()

  constructor(
    private readonly watch: FolderWatch,
    private readonly onChange: (folder: string) => void,
  ) {}

  /** Before all sources are looked at anew; what is watched stays so until then. */
  forget(): void {
    this.folders = new Map()
  }

  /** A path that the caller named: also when nothing is there yet. */
  addNamed(path: string, flavor: string): void {
    this.folder(path, flavor, path).isNamed = true
  }

  add(source: TranscriptSource): void {
    const { path, form, flavor, id } = source
    const key = `${flavor}:${id}`
    const folder = form === 'folder' ? path : dirname(path)
    const place = form === 'database' ? path : folder
    this.folder(folder, flavor, place).sources.set(key, source)
    if (form !== 'database') this.folder(dirname(folder), flavor, dirname(folder)).sources.set(key, source)
  }

  private folder(path: string, flavor: string, place: string): SourceFolder {
    const folder = this.folders.get(path) ?? { places: new Map(), sources: new Map(), isNamed: false }
    this.folders.set(path, folder)
    if (!folder.places.has(flavor)) folder.places.set(flavor, place)
    return folder
  }

  /** Of all that are known those that were named or written to last. */
  async watchNewest(): Promise<void> {
    await this.dropEnded()
    const writtenAt = await this.writtenAt()
    const latest = (path: string) => writtenAt.get(path) ?? 0
    const newest = [...this.folders.keys()].sort((one, other) => latest(other) - latest(one)).slice(0, maxWatched)
    for (const path of this.watched.keys()) if (!newest.includes(path)) this.drop(path)
    for (const path of newest) this.watchOne(path)
  }

  /** What was found since, or is there again, as far as there is room. */
  async watchNew(): Promise<void> {
    await this.dropEnded()
    for (const path of this.folders.keys()) if (this.watched.size < maxWatched) this.watchOne(path)
  }

  /** Nobody listened until now: it may have changed since it was read. */
  private watchOne(path: string): void {
    if (this.watched.has(path)) return
    const listener = this.watch(path, () => this.onChange(path))
    if (!listener) return
    this.watched.set(path, listener)
    this.onChange(path)
  }

  private async dropEnded(): Promise<void> {
    for (const [path, listener] of this.watched) if (!(await listener.isLive())) this.drop(path)
  }

  private drop(path: string): void {
    this.watched.get(path)?.stop()
    this.watched.delete(path)
  }

  private async writtenAt(): Promise<Map<string, number>> {
    const times = new Map<string, number>()
    const seen = new Map<TranscriptSource, number>()
    for (const [path, { sources, isNamed }] of this.folders) {
      let latest = isNamed ? Number.MAX_VALUE : 0
      for (const source of sources.values()) {
        const at = seen.get(source) ?? (await seenOf(source).catch(() => ({ mtimeMs: 0 }))).mtimeMs
        seen.set(source, at)
        latest = Math.max(latest, at)
      }
      times.set(path, latest)
    }
    return times
  }

  /** What is to be read of folders that changed, by flavor: within what the caller named, and named as there. */
  placesIn(changed: ReadonlySet<string>, named: readonly string[] | undefined): Map<string, string[]> {
    const read = new Map<string, Set<string>>()
    for (const path of changed) {
      for (const [flavor, place] of this.folders.get(path)?.places ?? []) {
        const places = named ? named.flatMap((each) => within(each, place)) : [place]
        for (const each of places) read.set(flavor, (read.get(flavor) ?? new Set()).add(each))
      }
    }
    return new Map([...read].map(([flavor, places]) => [flavor, outermost([...places])]))
  }

  close(): void {
    for (const path of this.watched.keys()) this.drop(path)
  }
}

const outermost = (paths: string[]) =>
  paths.filter((path) => !paths.some((other) => other !== path && isBelow(path, other)))

/** The narrower of the two, where one lies in the other. */
function within(named: string, place: string): string[] {
  if (isBelow(named, place)) return [named]
  return isBelow(place, named) ? [place] : []
}

function isBelow(path: string, folder: string): boolean {
  const [inner, outer] = [resolve(path), resolve(folder)]
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep)
}
