import { basename, dirname } from 'node:path'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import { idPart } from '../../domain/native-ids.js'
import { UnreadablePiece } from './frontmatter.js'
import { fittingId, instantOf, isObject, type Reading, type SourceFile, textOf } from './source-reading.js'

/**
 * A run of a loop, as its state file has it: one event, which changes with the file, and stays one
 * when the file moves from `.running` to `.history`.
 *
 * @throws {UnreadablePiece}
 */
export function readLoop(text: string, file: SourceFile): Reading {
  const state = parsed(text)
  const name = textOf(state, 'loop_name', 'loopName', 'loop')
  if (name === undefined) throw new UnreadablePiece('names no loop: loop_name is missing')
  const startedAt = instantIn(state, 'started_at', 'startedAt')
  const ts = instantIn(state, 'ended_at', 'endedAt', 'completed_at', 'updated_at', 'updatedAt') ?? startedAt
  const run = textOf(state, 'run_id', 'runId') ?? startedAt?.toISOString() ?? runFolder(file) ?? 'undated'
  const event = {
    kind: 'loop',
    name,
    state: textOf(state, 'outcome', 'status', 'current_state', 'state'),
    issueId: textOf(state, 'issue_id', 'issueId'),
    sessionId: textOf(state, 'session_id', 'sessionId'),
    retries: retriesIn(state),
    ts,
    nativeId: fittingId(`loop:${idPart(name)}:${run}`),
    payload: { transition: 'backfill', run, ...detailsOf(state, startedAt) },
  }
  return { event }
}

function parsed(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new UnreadablePiece(`is not JSON: ${(error as Error).message}`)
  }
  if (isObject(value)) return value
  throw new UnreadablePiece('is not a JSON object')
}

function instantIn(state: JsonObject, ...names: string[]): Date | undefined {
  const name = names.find((each) => textOf(state, each) !== undefined)
  return name === undefined ? undefined : instantOf(textOf(state, name) ?? '', name)
}

/** Of a run in the history that does not say when it began; each has a folder of its own there. */
function runFolder({ path }: SourceFile): string | undefined {
  const folder = basename(dirname(path))
  return folder.startsWith('.') ? undefined : folder
}

const isCount = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31

/** A number, or the sum of those of its states. */
function retriesIn({ retries, retry_counts: counts }: JsonObject): number | undefined {
  if (isCount(retries)) return retries
  if (!isObject(counts)) return undefined
  const sum = Object.values(counts)
    .filter(isCount)
    .reduce((total, each) => total + each, 0)
  return isCount(sum) ? sum : undefined
}

function detailsOf(state: JsonObject, startedAt: Date | undefined): JsonObject {
  const details: JsonObject = {}
  const currentState = textOf(state, 'current_state', 'currentState')
  if (currentState !== undefined) details.currentState = currentState
  if (startedAt) details.startedAt = startedAt.toISOString()
  if (isCount(state.iteration)) details.iteration = state.iteration
  return details
}
