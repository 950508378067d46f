import type { SearchItem } from '../../domain/search/search-service.js'
import { instant, type Output, printable } from './output.js'

/** What was found, each with its place and the words around. */
export function searchTranscript(items: SearchItem[], output: Output): string {
  return items.length === 0 ? 'Nothing found.' : items.map((item) => searchEntry(item, output)).join('\n\n')
}

function searchEntry(item: SearchItem, output: Output): string {
  const { kind, anchor, time, actorName } = item
  const facts = [kind, instant(time), ...(actorName === null ? [] : [actorName])].join(' · ')
  const head = `${printable(anchor)} ${output.emphasise('dim', printable(`· ${facts}`))}`
  return `${head}\n  ${highlighted(item, output)}`
}

function highlighted({ snippet, highlights }: SearchItem, output: Output): string {
  let text = ''
  let at = 0
  for (const [start, end] of highlights) {
    text += printable(snippet.slice(at, start)) + output.highlight(printable(snippet.slice(start, end)))
    at = end
  }
  return text + printable(snippet.slice(at))
}
