/** One sort of text that differs between errors that are the same. */
interface Variable {
  name: string
  pattern: RegExp
  /** What is written for it; what stays as it is where absent. */
  becomes?(found: string): string
}

const variable = (name: string, pattern: RegExp, becomes?: Variable['becomes']): Variable => ({
  name,
  pattern,
  becomes,
})
const as = (placeholder: string) => () => placeholder

const segment = /(?:[^\s/\\'"`<>|:;,*?()[\]{}=]|\([\w.@-]{1,60}\)|\[{1,2}[\w.@-]{1,60}\]{1,2}){1,160}/.source
// A blank inside a name counts only where the path goes on behind it.
const spaced = `${segment}(?: [\\w.@()+][\\w.@()+-]{0,39}){0,2}(?=[/\\\\])`
const position = /(?::\d{1,7}(?::\d{1,7})?|\(\d{1,7}(?:,\d{1,7})?\)|, line \d{1,7}|#L\d{1,7})?/.source
const extension =
  'tsx?|jsx?|mjs|cjs|mts|json[5lc]?|pyi?|ipynb|rs|java|kts?|cpp|cxx|hpp|csproj|sln|rb|php|swift|scala|exs|lua|sh|bash|ps1|bat|md|rst|txt|ya?ml|toml|csv|tsv|sql|html?|css|scss|vue|svelte|xml|lock|ini|cfg|sqlite|png|jpe?g|gif|svg|pdf|zip|tar|gz|tgz|whl|dll|exe|dylib|jar|parquet|proto|pem|crt'
/** Also what members of objects are called, as in `console.log`: a file only in a folder or before a line number. */
const doubtfulExtension = 'go|cc?|hh?|cs|ex|pl|logs?|conf|db|so|class|tf|bin|out|tmp|key'
const folder =
  'src|lib|tests?|apps?|packages|dist|build|node_modules|bin|docs?|examples?|scripts|include|internal|cmd|pkg|public|components|pages|utils|var|tmp|usr|home|opt|etc|features|target|vendor|migrations'
const edge = /(?:(?<![\p{L}\d_.@/\\-])|(?<=\s-[A-Z]))/u.source

const join = (...parts: string[]) => new RegExp(parts.join(''), 'u')

/**
 * The leftmost applies; of those that begin at the same place the earlier in the list.
 * Versioned: any change that gives some error another template raises the version of the fingerprint.
 * Some are listed to be kept, digits and slashes and all: the numbers that are the error, and names of modules.
 */
const variables: Variable[] = [
  variable('secret', /\[redacted:[a-z0-9-]{1,64}:[0-9a-f]{4}\]/, as('<secret>')),
  variable('url', /(?<![\w+.-])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s'"`<>)\]}]{1,2000}/i, siteOf),
  variable(
    'code',
    /(?<![\p{L}\d_])(?:curl: \(\d{1,3}\)|(?:ORA|PLS|TNS|DPI|CVE)-[\d-]{1,12}|(?:status|http|exit|exited|errno|os error|error code|code|signal|sqlstate|winerror|hresult|rc)(?: (?:code|status|of|with|is|number))?(?:\/\d(?:\.\d)?)?[\s:=#("'[]{1,4}-?(?:0x[0-9a-f]{1,16}|\d{1,10})(?![\d.:]\d|\d)|\p{L}{0,40}error:?\s-?(?:[1-5]\d\d(?! \p{L}{1,20}s(?!\p{L}))|\d{1,6}(?=$|[^\p{L}\d\s.,:]|\s\(|\.$))|[1-5]\d\d (?:client error|server error|not found|bad request|unauthorized|forbidden|internal server|bad gateway|service unavailable|gateway time|too many requests|conflict|gone|payload too large|method not allowed|page not found))/iu,
  ),
  variable(
    'name',
    /(?<=(?:module|modules|package|import|from|resolve|dependency|specifier|crate|library) )(['"`])(?![./~\\])(?![A-Za-z]:\\)(?![^'"`\s/]{0,200}\/[^'"`\s]{0,200}\.(?:[cm]?[jt]sx?|py|rs|go|json|vue|svelte)\1)[^'"`\s]{1,200}\1/i,
  ),
  variable('uuid', /(?<![\da-f])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\da-f])/i, as('<id>')),
  variable(
    'time',
    /(?<!\d)(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})(?:[T ,]{1,2}\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[ap]m)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)?(?!\d)|(?<![\d:])\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?[ap]m)?(?![\d:])|(?<!\p{L})(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?(?:\d{1,2} )?(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.? \d{1,4}(?:,? \d{4})?(?:,? \d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?)?(?: (?:utc|gmt|[a-z]{3,4}t))?(?: \d{4})?(?!\d)/iu,
    as('<time>'),
  ),
  variable(
    'email',
    /(?<![\w.+-])[\w.+-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,8}\.[a-z]{2,24}(?![\w-])/i,
    as('<email>'),
  ),
  variable(
    'ip',
    /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\d.]\d)|:::\d{1,5}|\[?(?<![\w:])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?<=\d)(?:\]:\d{1,5})?(?![\w:])/i,
    as('<ip>'),
  ),
  variable(
    'quoted path',
    join(`(['"\`])(?:file:)?(?:~|\\.{1,2})?(?:/|[A-Za-z]:[\\\\/]|\\\\\\\\)[^'"\`\\n]{0,400}\\1`, position),
    as("'<path>'"),
  ),
  variable(
    'shell',
    /(?<![\w./-])(?:\/usr(?:\/local)?)?\/bin\/(?:ba|da|k|z)?sh(?=: )/,
    (found) => found.split('/').at(-1) ?? found,
  ),
  variable(
    'windows path',
    join(edge, `(?:[A-Za-z]:[\\\\/]{1,2}|\\\\\\\\\\w)(?:(?:${spaced}|${segment})[\\\\/]{0,2}){0,40}`, position),
    as('<path>'),
  ),
  variable('path', join(edge, `(?:~|\\.{1,2})?/(?:(?:${spaced}|${segment})/?){1,40}`, position), as('<path>')),
  variable(
    'relative path',
    join(
      edge,
      `(?=[\\p{L}\\d_.@([])(?:(?:${folder})[/\\\\]${segment}(?:[/\\\\]${segment}){0,40}|${segment}(?:[/\\\\]${segment}){0,40}[/\\\\]${segment}(?:(?<=\\.(?:${extension}|${doubtfulExtension}))|(?<=[/\\\\]${segment}[/\\\\]${segment}))|[\\p{L}\\d_.@+-]{1,120}[/\\\\](?=[\\s'"\`:,)]|$))`,
      position,
    ),
    as('<path>'),
  ),
  variable(
    'file',
    join(
      edge,
      `(?!(?:[Nn]ode|[Nn]ext|[Vv]ue|[Nn]uxt|[Ee]xpress|[Tt]hree|[Rr]eact|[Dd]3)\\.js(?![\\w:]))[\\p{L}\\d_.@+-]{0,120}[\\p{L}\\d_@+)-]\\.(?:(?:${extension})(?![\\p{L}\\d_]|\\(| is not )|(?:${doubtfulExtension})(?=:\\d))`,
      position,
    ),
    as('<path>'),
  ),
  variable('address', /(?<![\p{L}\d_])0x[\da-f]{1,64}(?![\p{L}\d_])|(?<=\w@)[\da-f]{5,16}(?!\w)/iu, as('<n>')),
  variable('ulid', /(?<!\w)[0-7][\dA-HJKMNP-TV-Z]{25}(?!\w)/, as('<id>')),
  variable(
    'prefixed id',
    /(?<![\w-])(?:toolu|call|msg|req|chatcmpl|resp|run|thread|file|org|proj|sess|session|task|agent|item|rs|fc|evt|cus|job|usr|user|txn|trace|span)[_-](?=[\w-]{0,80}\d|\w{12})[A-Za-z\d]{6,80}(?![\w-])|(?<![\w-])[a-z][a-z\d]{1,15}_(?=[A-Za-z\d]{0,80}\d)(?=[A-Za-z\d]{0,80}[A-Za-z])[A-Za-z\d]{12,80}(?!\w)/,
    (found) => `${found.split(/[_-]/, 1)[0]}_<id>`,
  ),
  variable(
    'token',
    /(?<![\w-])(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[a-z])(?=[\w-]{0,200}[A-Z])(?![\w-]{0,200}[a-z]{6})[\w-]{16,200}(?![\w-])/,
    as('<id>'),
  ),
  variable('pod', /-(?=[a-z]{0,10}\d)[\da-z]{8,10}-[\da-z]{5}(?![\w-])/, as('-<id>')),
  variable(
    'hex',
    /(?<![\p{L}\d_])(?=[a-f]{0,128}\d)(?:[\da-f]{8,128}|(?=\d{0,7}[a-f])[\da-f]{7})(?![\p{L}\d_])|(?<![\p{L}\d_])(?=[A-F]{0,128}\d)[\dA-F]{8,128}(?![\p{L}\d_])/u,
    as('<n>'),
  ),
  variable(
    'duration',
    /(?<![\p{L}\d_.])(?:\d{1,12}(?:[.,]\d{1,9})? ?(?:[mµμn]?s|ms|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|sekunden?|minuten?|secondes?|segundos?|секунд\p{L}?|秒)(?![\p{L}\d_])(?: (?=\d))?){1,4}|(?<![\p{L}\d_.])(?:\d{1,4}[hm]){1,2}\d{1,4}(?:\.\d{1,9})?s(?![\p{L}\d_])/iu,
    as('<duration>'),
  ),
  variable(
    'size',
    /(?<![\p{L}\d_.])\d{1,15}(?:[.,]\d{1,9})? ?(?:[KMGTP]i?B|bytes?|B|octets?)(?![\p{L}\d_])/iu,
    as('<size>'),
  ),
  variable('share', /(?<![\p{L}\d_.])\d{1,3}(?:[.,]\d{1,9})? ?%/u, as('<n>')),
  variable(
    'number',
    /(?<![\p{L}\d_])[+-]?(?:v(?=\d{1,6}\.\d))?\d{1,40}(?:[.,'’]\d{1,40}){0,8}(?:e[+-]?\d{1,4})?(?:(?<=\.\d{1,40})-[\w.]{1,30})?(?![\p{L}\d_])|(?<![\p{L}\d_])v\d{1,6}(?:\.\d{1,6}){1,4}(?![\p{L}\d_])/u,
    as('<n>'),
  ),
]

/** Of an address the scheme and the site: paths, queries, ports and machines of one site come and go. */
function siteOf(url: string): string {
  const [, scheme = '', rest = ''] = /^([^:]{1,30}):\/\/([^/?#]{0,300})/.exec(url) ?? []
  if (scheme.toLowerCase() === 'file') return '<path>'
  const host = rest
    .replace(/^.{0,300}@/, '')
    .replace(/:\d{1,5}$/, '')
    .replace(/[.,:;]{1,10}$/, '')
  if (/^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|\[::1?\])$/i.test(host)) return `${scheme}://localhost`
  if (/^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]{2,40}\])$/i.test(host)) return `${scheme}://<ip>`
  return `${scheme}://${host.split('.').slice(-2).join('.')}`
}

const maxLine = 1000
const maxTemplate = 300

/**
 * An error line without what differs from one occurrence to the next: paths, ids, times, addresses, numbers.
 * Kept are the words, the names in quotes and the numbers that are the error, such as an HTTP status.
 * At most 300 UTF-16 units.
 */
export function errorTemplate(line: string): string {
  const replaced = withoutVariables(cut(line, maxLine))
    // When it was logged is not what was logged.
    .replace(/^(?:(?:[[(]?<time>[\])]?|\[<n>\])[\s,:|-]{0,8}){1,4}(?=\S)/, '')
    .replace(/(<\w{1,10}>)(?:[\s,;/x-]{1,4}\1){1,200}/g, '$1')
    .replace(/\s{1,1000}/g, ' ')
  return cut(replaced.trim(), maxTemplate)
}

/** The first UTF-16 units of a text, without half a character at the end. */
export function cut(text: string, units: number): string {
  const head = text.slice(0, units)
  return head.isWellFormed() ? head : head.slice(0, -1)
}

const searched = variables.map(({ pattern, becomes }) => ({
  pattern: new RegExp(pattern.source, `${pattern.flags}g`),
  becomes: becomes ?? ((found: string) => found),
}))

/** One pass from left to right, so that nothing written for one variable is ever read as another. */
function withoutVariables(line: string): string {
  const next = searched.map(({ pattern }) => matchFrom(pattern, line, 0))
  let written = ''
  let at = 0
  for (;;) {
    const first = next.reduce((one, match, index) => (startOf(match) < startOf(next[one]) ? index : one), 0)
    const match = next[first]
    if (!match) return written + line.slice(at)
    written += line.slice(at, match.index) + (searched[first]?.becomes(match[0]) ?? '')
    at = match.index + match[0].length
    for (const [index, { pattern }] of searched.entries()) {
      if (startOf(next[index]) < at) next[index] = matchFrom(pattern, line, at)
    }
  }
}

const startOf = (match: RegExpExecArray | null | undefined): number => match?.index ?? Infinity

function matchFrom(pattern: RegExp, line: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(line)
}
