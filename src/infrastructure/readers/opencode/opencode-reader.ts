import { readdir } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  Surroundings,
  TranscriptReader,
  TranscriptSource,
} from '../../../domain/transcripts/transcript-reader.js'
import { isDatabase } from '../agent-database.js'
import { distinctFolders, filesAt, foldersFrom, sourcesOf } from '../session-files.js'
import { isOpencodeDatabase, readOpencode } from './opencode-database.js'

/** opencode: `<data>/opencode/opencode.db`, and one of its own for each channel of its releases. */
export class OpencodeReader implements TranscriptReader {
  readonly flavor = 'opencode'

  async *discover({ home, environment, paths, known }: Surroundings): AsyncGenerator<TranscriptSource> {
    const places = paths ?? (await databasesOf(home, environment))
    yield* sourcesOf(this.flavor, filesAt(places, isDatabaseName), (path) => this.identify(path), known)
  }

  async identify(path: string): Promise<TranscriptSource | undefined> {
    if (extname(path) !== '.db' || !(await isDatabase(path)) || !isOpencodeDatabase(path)) return undefined
    return { flavor: this.flavor, id: path, path, form: 'database', sessionId: 'opencode.db' }
  }

  read({ path }: TranscriptSource, cursor?: ReadCursor, options?: ReadOptions): AsyncIterable<ReadBatch> {
    return readOpencode(path, cursor, options)
  }
}

const isDatabaseName = (name: string) => /^opencode.*\.db$/.test(basename(name))

/** Beside them lie copies of whole working folders: no place to look into. */
async function databasesOf(home: string, environment: Surroundings['environment']): Promise<string[]> {
  const homes = foldersFrom(environment.XDG_DATA_HOME, [join(home, '.local', 'share')])
  const folders = await distinctFolders(homes.map((folder) => join(folder, 'opencode')))
  const found = await Promise.all(folders.map(databasesIn))
  const named = environment.OPENCODE_DB
  if (!named || named === ':memory:') return found.flat()
  return [...new Set([...found.flat(), ...folders.map((folder) => resolve(folder, named))])]
}

async function databasesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isFile() && isDatabaseName(entry.name)).map(({ name }) => name)
  return names.sort().map((name) => join(folder, name))
}
