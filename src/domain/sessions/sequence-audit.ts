/** The part of a recorded truncation that says which sequences it took away. */
export interface Removal {
  afterSequence: number
  lastSequence: number
}

export interface SequenceRange {
  from: number
  to: number
}

/**
 * Holds a session's sequences, given in ascending order, against its recorded truncations: what is
 * missing must have been removed, and what was removed must be missing. Works in ranges, so that a
 * wild `lastSequence` costs no more than a true one.
 */
export class SequenceAudit {
  private readonly removed: SequenceRange[]
  private position = 0
  private next = 1

  constructor(removals: readonly Removal[]) {
    this.removed = merged(removals)
  }

  /** The unexplained ranges between the last sequence seen and this one. */
  gapsBefore(sequence: number): SequenceRange[] {
    const gaps: SequenceRange[] = []
    let from = this.next
    for (const range of this.removedUpTo(sequence - 1)) {
      if (range.from > from) gaps.push({ from, to: Math.min(range.from, sequence) - 1 })
      from = Math.max(from, range.to + 1)
    }
    if (from < sequence) gaps.push({ from, to: sequence - 1 })
    this.next = sequence + 1
    return gaps
  }

  /** Whether a truncation says that this sequence, the last one seen, is gone. */
  isRemoved(sequence: number): boolean {
    const range = this.removed[this.position]
    return range !== undefined && range.from <= sequence && sequence <= range.to
  }

  /** Ranges not yet passed that begin at or before `last`; those that end there are passed. */
  private removedUpTo(last: number): SequenceRange[] {
    const ranges: SequenceRange[] = []
    for (let range = this.removed[this.position]; range && range.from <= last; range = this.removed[this.position]) {
      ranges.push(range)
      if (range.to > last) break
      this.position++
    }
    return ranges
  }
}

function merged(removals: readonly Removal[]): SequenceRange[] {
  const ranges: SequenceRange[] = []
  const ascending = removals
    .map(({ afterSequence, lastSequence }) => ({ from: afterSequence + 1, to: lastSequence }))
    .sort((a, b) => a.from - b.from)
  for (const { from, to } of ascending) {
    const last = ranges.at(-1)
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to)
    else if (from <= to) ranges.push({ from, to })
  }
  return ranges
}
