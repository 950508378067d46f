import type { SequenceRange } from '../../domain/sessions/sequence-audit.js'
import type { VerifyProblem } from '../../domain/sessions/session-service.js'

/** Whoever needs more than this needs a backup, and not a longer list. */
const mostTold = 100

/** What a verification found: told up to a number, counted beyond it. */
export class VerifyProblems {
  private readonly told: VerifyProblem[] = []
  private untold = 0

  add(code: VerifyProblem['code'], sequence: number | null, message: string): void {
    if (this.told.length < mostTold) this.told.push({ code, sequence, message })
    else this.untold++
  }

  gaps(ranges: SequenceRange[]): void {
    for (const { from, to } of ranges) {
      const missing = from === to ? `Message ${from} is` : `Messages ${from} to ${to} are`
      this.add('GAP', from, `${missing} missing and no truncation explains it.`)
    }
  }

  list(): VerifyProblem[] {
    if (this.untold === 0) return this.told
    const message = `${this.untold} more problems were found and are not listed.`
    return [...this.told, { code: 'MORE_PROBLEMS', sequence: null, message }]
  }
}
