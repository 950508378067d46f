import type { SearchItem } from '../../domain/search/search-service.js'
import { instant, type Output, printable } from './output.js'

/** What was found, each with its place and the words around. */
export function searchText(items: SearchItem[], output: Output): string {
  return items.length === 0 ? 'Nothing found.' : items.map((item) => searchEntry(item, output)).join('\n\n')
}

function searchEntry(item: SearchItem, output: Output): string {
  const { kind, ref, anchor, time, actorName } = item
  // A message is found by its place; an event by its id alone.
  const facts = [kind, instant(time), actorName, kind === 'message' || ref === anchor ? null : ref]
  const head = `${printable(anchor)} ${output.emphasise('dim', printable(`· ${facts.filter((fact) => fact !== null).join(' · ')}`))}`
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
