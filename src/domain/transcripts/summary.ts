import { maxSummaryLength } from './transcript-event.js'

/** The beginning of a text on one line. */
export function summaryOf(text: string): string {
  // Little of most texts is blank: that much is enough of them.
  const near = oneLine(text.slice(0, maxSummaryLength + 60))
  const line = near.length > maxSummaryLength ? near : oneLine(text.slice(0, 4 * maxSummaryLength))
  if (line.length <= maxSummaryLength) return line.toWellFormed()
  const cut = line.slice(0, maxSummaryLength - 1)
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed()}…`
}

/** Single blanks, of which there are most, stay as they are. */
const oneLine = (text: string) => text.replace(/\s{2,}|[^\S ]/g, ' ').trim()
