import { saysFailure } from './failure-words.js'

type Pick = (lines: readonly string[]) => string | undefined

const firstMatch =
  (pattern: RegExp): Pick =>
  (lines) => {
    for (const line of lines) {
      const match = pattern.exec(line)
      if (match) return match.groups?.said ?? match[0]
    }
    return undefined
  }

const lastMatch =
  (pattern: RegExp): Pick =>
  (lines) =>
    firstMatch(pattern)(lines.toReversed())

/** The line with the exception stands after the frames, no deeper than the heading; of chained ones the last counts. */
function ofPython(lines: readonly string[]): string | undefined {
  const heading = lines.findLastIndex((line) => /Traceback \(most recent call last\)/.test(line))
  if (heading < 0) return undefined
  const depth = indentOf(lines[heading] ?? '')
  const after = lines.slice(heading + 1)
  return after.find((line) => indentOf(line) <= depth && /^[\s|+]{0,40}[\p{L}_][\w.]{0,200}(?::\s|$)/u.test(line))
}

const indentOf = (line: string): number => line.length - line.trimStart().length

const thrown =
  /^(?:.{0,80}?\s)?(?:[\w$.]{1,120}\.)?[A-Z]?[\w$]{0,80}(?:Error|Exception|Fault)(?: \[[\w ]{1,60}\])?(?: \([^)]{1,80}\))?(?::|$)/
const frame = /^\s{1,40}at\s.{0,1000}(?:[:(]\d{1,7}|<anonymous>|native|Native Method|Unknown Source|\))/

/** The message stands above the frames, maybe with lines of its own between. */
function ofStack(lines: readonly string[]): string | undefined {
  const first = lines.findIndex((line) => frame.test(line))
  if (first < 0) return undefined
  const above = lines.slice(Math.max(0, first - 40), first).toReversed()
  return (above.find((line) => thrown.test(line)) ?? above.find((line) => line.trim()))?.replace(
    /^\s{0,40}Exception in thread "[^"]{1,200}" /,
    '',
  )
}

/** Since 1.73 the message of a panic is the line after it; before, it was quoted in the same one. */
function ofRustPanic(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /\bpanicked at /.test(line))
  const quoted = /panicked at '(?<said>.{1,1000}?)', /.exec(lines[at] ?? '')
  const said = quoted?.groups?.said ?? lines[at + 1]
  return at < 0 ? undefined : `panicked: ${(said ?? '').trim()}`
}

function ofJest(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^\s{0,8}● (?!Console)/.test(line))
  if (at < 0 || !/Test suite failed to run/.test(lines[at] ?? '')) return lines[at]
  return lines.slice(at + 1).find((line) => line.trim())
}

const noise =
  /^\s{0,80}(?:npm (?:warn|notice|info|verb|http|timing)|(?:\[|\()?(?:warn(?:ing)?|info|debug|notice|trace|note|hint|help)\b|On branch|Downloading|Compiling|Checking|Fetching|Resolving|Installing|Collecting|Running|Building|Successfully|[>$+%#] |at .{1,400}:\d|Traceback \(|During handling of|The above exception|Stack trace|goroutine \d|A complete log|Require stack|Node\.js v\d|throw |\^|~|-{3}|={3}|error: (?:aborting|could not compile|test failed)|npm (?:error|ERR!) (?:A complete log|\s{0,8}$|path |errno |syscall )|\S{0,400}:\d{1,7}:?$)/i
const headed =
  /(?:^|[\s[(:*])(?:[\w$.]{0,120}(?:Error|Exception)|error|ERROR|ERR!|fatal|FATAL|panic|E|Fehler|Erreur|Errore|Erro|Ошибка|错误|エラー)(?:\[\w{1,20}\]|\(\w{1,40}\)| \[\w{1,40}\])?\s?[:\]：)]/

const meaningful = (lines: readonly string[]): string[] => lines.filter((line) => line.trim() && !noise.test(line))

const ofAnyKind: Pick = (lines) => {
  const left = meaningful(lines)
  return left.find((line) => headed.test(line) && saysFailure(line)) ?? left.find(saysFailure)
}

/** In order: what a known tool marks as the error goes before what only reads like one. */
const picks: Pick[] = [
  firstMatch(/\bstderr: (?<said>\S.{2,2000})/),
  ofPython,
  firstMatch(/^E {2,8}(?<said>\S.{0,2000})/),
  firstMatch(/\berror\[E\d{4}\]: .{1,2000}/),
  firstMatch(/\berror [A-Z]{1,6}\d{2,6}: .{1,2000}/),
  ofRustPanic,
  lastMatch(/^\s{0,80}Caused by: (?<said>[\w$.]{2,200}(?:: .{0,2000})?$)/),
  ofStack,
  firstMatch(/^(?:panic|fatal error): .{1,2000}/),
  ofJest,
  firstMatch(/^\s{0,8}(?<said>--- FAIL: \S{1,400})/),
  firstMatch(/^.{1,1000}:\d{1,7}(?::\d{1,7})?: (?<said>(?:fatal )?error: .{1,2000})/),
  firstMatch(/^npm (?:error|ERR!) (?<said>code \w{1,80})/),
  firstMatch(/^\s{0,8}(?<said>FAILED \S{1,400}(?: - .{1,1000})?)/),
  ofAnyKind,
  firstMatch(/^\S{0,200}make(?:\[\d{1,3}\])?: \*\*\* .{1,2000}/),
  (lines) => meaningful(lines)[0],
  (lines) => lines.find((line) => line.trim()),
]

/** The one line that says what went wrong, out of all that a tool wrote; nothing for blank lines only. */
export function errorLine(lines: readonly string[]): string | undefined {
  for (const pick of picks) {
    const line = pick(lines)?.trim()
    if (line) return line.endsWith(':') ? continued(line, lines) : line
  }
  return undefined
}

/** What ends in a colon says it in the next line. */
function continued(line: string, lines: readonly string[]): string {
  const at = lines.findIndex((each) => each.trimEnd().endsWith(line))
  const next = at < 0 ? undefined : lines.slice(at + 1).find((each) => each.trim())
  return next ? `${line} ${next.trim()}` : line
}
