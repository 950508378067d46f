import { Presets, SingleBar } from 'cli-progress'
import type { Output } from './output.js'

/** Whether a person watches stderr. */
export const isWatched = ({ json, stderr }: Output): boolean => !json && stderr.isTTY === true

/** A bar on stderr while `work` runs; silent unless a person is watching. */
export async function withProgress<T>(
  output: Output,
  noun: string,
  work: (report: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  if (!isWatched(output)) return work(() => {})
  const format = `{bar} {percentage}% | {value}/{total} ${noun}`
  const bar = new SingleBar({ stream: output.stderr, format, clearOnComplete: true }, Presets.shades_classic)
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
