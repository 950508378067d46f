import type { SessionArchive } from '../src/index.js'
import type { Side } from './side.js'

export interface Work {
  name: string
  /** How often in one round; a tenth of it in a short run. */
  times: number
  /** Made before the clock starts. */
  prepare?(side: Side, material: Material): Promise<string[]>
  run(side: Side, times: number, sessions: string[], material: Material): Promise<void>
}

/** What the reading works read: made once, by our library. */
export interface Material {
  /** A session of 1,000 messages. */
  longSession: string
  archive: SessionArchive
}

export const writers = 64

const newSessions = (count: number) => async (side: Side) => {
  const ids: string[] = []
  for (let index = 0; index < count; index++) ids.push(await side.create())
  return ids
}

/** The same call again and again, one awaited after another, on one session. */
function repeated(name: string, times: number, call: (side: Side, id: string, material: Material) => unknown): Work {
  return {
    name,
    times,
    prepare: newSessions(1),
    async run(side, count, [id = ''], material) {
      for (let index = 0; index < count; index++) await call(side, id, material)
    },
  }
}

const concurrentAppend: Work = {
  name: `append, ${writers} writers`,
  times: 64 * 48,
  prepare: newSessions(writers),
  async run(side, times, ids) {
    const each = Math.ceil(times / writers)
    const writer = async (id: string) => {
      for (let index = 0; index < each; index++) await side.append(id, 1)
    }
    await Promise.all(ids.map(writer))
  },
}

export const works: Work[] = [
  repeated('create', 400, (side) => side.create()),
  repeated('get', 1_000, (side, id) => side.get(id)),
  repeated('list, 50 of 5,000', 60, (side) => side.list()),
  repeated('append, one after another', 2_500, (side, id) => side.append(id, 1)),
  concurrentAppend,
  repeated('append, batches of 100', 40, (side, id) => side.append(id, 100)),
  repeated('token update', 300, (side, id) => side.spend(id)),
  repeated('read 1,000 messages', 30, (side, _, { longSession }) => side.read(longSession)),
  repeated('export 1,000 messages', 15, (side, _, { longSession }) => side.exportSession(longSession)),
  repeated('import 1,000 messages', 8, (side, _, { archive }) => side.importSession(archive)),
]
