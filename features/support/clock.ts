/** A clock that stands still until a step moves it. */
export class TestClock {
  private at = Date.parse('2026-01-05T09:00:00Z')

  readonly now = (): Date => new Date(this.at)

  moveTo(instant: string): void {
    this.at = Date.parse(instant)
  }

  moveMinutes(minutes: number): void {
    this.at += minutes * 60_000
  }
}
