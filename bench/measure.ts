import type { Side } from './side.js'
import type { Material, Work } from './works.js'

export interface Ratio {
  /** Our throughput as a multiple of the raw driver's: the median of the rounds. */
  median: number
  min: number
  max: number
}

/** Ours and raw by turns, the first of them by turns too, so that a noisy machine is noisy for both. */
export async function measure(work: Work, ours: Side, raw: Side, material: Material, plan: Plan): Promise<Ratio> {
  const times = Math.max(1, Math.ceil(work.times * plan.scale))
  const clocked = (side: Side) => {
    raw.settle?.()
    return clock(work, side, times, material)
  }
  await clocked(ours)
  await clocked(raw)
  const ratios: number[] = []
  for (let round = 0; round < plan.rounds; round++) {
    const oursFirst = round % 2 === 0
    const first = await clocked(oursFirst ? ours : raw)
    const second = await clocked(oursFirst ? raw : ours)
    ratios.push(oursFirst ? second / first : first / second)
  }
  ratios.sort((a, b) => a - b)
  return { median: median(ratios), min: ratios.at(0) ?? Number.NaN, max: ratios.at(-1) ?? Number.NaN }
}

export interface Plan {
  rounds: number
  /** Of the times that a full round repeats its work. */
  scale: number
}

async function clock(work: Work, side: Side, times: number, material: Material): Promise<number> {
  const sessions = (await work.prepare?.(side, material)) ?? []
  const startedAt = performance.now()
  await work.run(side, times, sessions, material)
  return performance.now() - startedAt
}

function median(sorted: number[]): number {
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}
