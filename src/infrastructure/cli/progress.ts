import { Presets, SingleBar } from 'cli-progress'
import { byteSize, type Output } from './output.js'

/** Whether a person watches stderr. */
export const isWatched = ({ json, stderr }: Output): boolean => !json && stderr.isTTY === true

/** A bar on stderr while `work` runs; silent unless a person is watching. */
export async function withProgress<T>(
  output: Output,
  noun: string,
  work: (report: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  if (!isWatched(output)) return work(() => {})
  const bar = barOn(output, `{bar} {percentage}% | {value}/{total} ${noun}`)
  let started = false
  const report = (done: number, total: number) => {
    if (!started) bar.start(total, done)
    else bar.update(done)
    started = true
  }
  try {
    return await work(report)
  } finally {
    if (started) bar.stop()
  }
}

/** A bar of bytes with their rate and the time that is left; silent unless a person is watching, or nothing is to do. */
export async function withByteProgress<T>(
  output: Output,
  total: number,
  work: (report: (done: number) => void) => Promise<T>,
): Promise<T> {
  if (!isWatched(output) || total === 0) return work(() => {})
  const format = `{bar} {percentage}% | {done} of ${byteSize(total)} | {rate}/s | {eta_formatted} left`
  const bar = barOn(output, format, 20)
  const startedAt = performance.now()
  const told = (done: number) => {
    const seconds = (performance.now() - startedAt) / 1_000
    return { done: byteSize(done), rate: byteSize(seconds > 0 ? done / seconds : 0) }
  }
  bar.start(total, 0, told(0))
  try {
    return await work((done) => bar.update(Math.min(done, total), told(done)))
  } finally {
    bar.stop()
  }
}

function barOn({ stderr }: Output, format: string, barsize = 40): SingleBar {
  return new SingleBar({ stream: stderr, format, barsize, clearOnComplete: true }, Presets.shades_classic)
}
