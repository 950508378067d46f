import { watch } from 'node:fs'
import type { FolderWatch } from '../../domain/transcripts/transcript-reader.js'

/** By the file system's own notices; where it gives none, or no more of them, changes are found by looking again. */
export const watchFolder: FolderWatch = (folder, onChange) => {
  try {
    const watcher = watch(folder, onChange)
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => undefined
  }
}
