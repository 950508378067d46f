/** What the work takes of the processor, in milliseconds: others on the machine lengthen those of the clock. */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
