import { type Stats, statSync, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { FolderWatch } from '../../domain/transcripts/transcript-reader.js'

/** By the file system's own notices; where it gives none, or no more of them, changes are found by looking again. */
export const watchFolder: FolderWatch = (folder, onChange) => {
  try {
    // Before it is watched: one that takes its place in between is seen to be another.
    const watched = statSync(folder)
    const watcher = watch(folder, onChange)
    let isOpen = true
    watcher.on('error', () => watcher.close())
    watcher.on('close', () => {
      isOpen = false
    })
    return {
      isLive: async () => isOpen && isSame(watched, await stat(folder).catch(() => undefined)),
      stop: () => watcher.close(),
    }
  } catch {
    return undefined
  }
}

/** The number of a folder that is gone is soon given to another. */
const isSame = (one: Stats, other: Stats | undefined) =>
  one.dev === other?.dev && one.ino === other.ino && one.birthtimeMs === other.birthtimeMs
