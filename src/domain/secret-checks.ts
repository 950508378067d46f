const templated = /^(?:<.*>|\[.*\]|\{.*\}|\$\{.*|\$\(.*|\$\w+|%\w+%|%[a-z]|:\w+|@\w+|#\{.*\}|\{\{.*)$/is
const masked = /\*{3}|\.{3}|…|•|[x#_-]{8}|X{6}/
const exampleWord =
  /(?<![a-z])(?:your|my|some|insert|replace|change)[_ -]?(?:own|real|actual|api|app|db|key|token|secret|password|pass|value|here|me|this|with|in|access|auth|client|bot)|placeholder|(?<![a-z])(?:example|dummy|sample|redacted|changeme|todo)(?![a-z])|EXAMPLE|REDACTED|-goes-|_here$|^(?:[a-z]{1,12}[_-]){0,2}(?:token|key|secret|password|credentials?)$/i

/** Whether a value is what documents write where a secret goes: `xxxx`, `<token>`, `${TOKEN}`, `YOUR_API_KEY`. */
export function isPlaceholder(value: string): boolean {
  if (templated.test(value) || /^[x*.\-_#?]{1,512}$/i.test(value)) return true
  // Far into a long secret any word may stand by chance.
  const start = value.slice(0, 80)
  return masked.test(start) || exampleWord.test(start)
}

export const isNoPlaceholder = (value: string): boolean => !isPlaceholder(value)

const hasDigit = (value: string): boolean => /\d/.test(value)

/** For forms that a word of prose or code could have as well. */
export const isMixed = (value: string): boolean => hasDigit(value) && !isPlaceholder(value)

/** What stands between the lines of a key is a key only where it looks like one: code names those lines too. */
export function isKeyMaterial(value: string): boolean {
  const runs = value.match(/[A-Za-z0-9+/=]{20,}/g) ?? []
  return runs.join('').length >= 40 && !/^(?:x|X|\.)+$/.test(runs.join(''))
}

const typeOrLabel =
  /^(?:(?:str(?:ing)?|text|number|int(?:eger)?|bool(?:ean)?|any|unknown|null|none|nil|undefined|true|false|required|optional|nullable|sometimes|bytes|varchar|input|hidden|password|passwd|passphrase|pwd)(?:[|:,?].*)?|\p{Lu}\p{Ll}*|\P{ASCII}.*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:\.[a-zA-Z_]+)+|!(?:vault|ref|sub|getatt|env|secret|reference|include)|!(?:Ref|Sub|GetAtt|ImportValue)|\.{0,2}~?\/.*)$/su
const expression =
  /^[!&*]?(?:self|this|config|cfg|process|os|env|environ|settings|args|opts|options|req|request|user|data|body|form|props|state|params|ctx|context|input|values?|secrets|vars?|import|event|payload|db|credentials|account)\??\./i
const word = /^[\p{L}_$][\p{L}_$.-]*$/u

const isWritten = (value: string): boolean => isPlaceholder(value) || typeOrLabel.test(value) || expression.test(value)

/** A password where nothing but a value can stand. */
export const isUnwritten = (value: string): boolean => !isWritten(value)

/** A password in quotes: not a label, a type, the name of a variable or a rule of validation. */
export function isQuotedPassword(value: string, match: RegExpExecArray): boolean {
  if (isWritten(value)) return false
  // After nothing but a blank, as in SQL, prose could follow just as well.
  return /[:=]/.test(match.groups?.between ?? '') || hasDigit(value)
}

const proseAfterFlag =
  /^(?:flag|option|argument|parameter|switch|prompt|and|or|the|is|was|for|from|with|file|stdin)[.:!?]?$/i

/** A password without quotes: code writes names in the same places, so a mere word must stand where only values do. */
export function isPlainPassword(value: string, match: RegExpExecArray): boolean {
  if (isWritten(value)) return false
  if (!word.test(value)) return !isNameInCode(value, match)
  const { input, index } = match
  const before = input.slice(Math.max(0, index - 40), index)
  const between = match.groups?.between ?? ''
  if (/--[\w-]{0,38}$/.test(before))
    return between.includes('=') || (!proseAfterFlag.test(value) && endsArgument(match))
  if (between !== '=') return false
  return /[?&;]\w{0,20}$/.test(before) || /^[A-Z]+$/.test(match[0].slice(0, match[0].indexOf('=')))
}

const isNameInCode = (value: string, match: RegExpExecArray): boolean =>
  / /.test(match.groups?.between ?? '') && /^[A-Za-z_$][\w$.]*$/.test(value) && /passw|pwd/i.test(value)

const endsArgument = (match: RegExpExecArray): boolean =>
  /^\s{0,3}(?:$|[-\n"'`|;&)\\])/.test(
    match.input.slice(match.index + match[0].length, match.index + match[0].length + 4),
  )

const secretKey =
  /(?:api|access|secret|private|preshared|signing|encryption|master|auth|account|service|app|license|session|jwt|webhook|deploy|client|shared|storage|subscription)[_-]?$/i
const openToken =
  /(?:next|page|paging|continuation|continue|csrf|xsrf|sync|max|min|cursor|cancel|cancellation|pad|eos|bos|unk|resume|change|stop|first|last)[_-]?$/i
const nameOfParts = /^(?:[A-Za-z]+|\d{1,4})(?:[._/~+-]+(?:[A-Za-z]+|v?\d{1,4})){1,40}$/

/** What `token`, `secret` or a key of some sort is set to: long, mixed, and neither a name nor a path. */
export function isNamedSecret(value: string, match: RegExpExecArray): boolean {
  const name = match[0].split(/[:=\s"'\\\]]/, 1)[0] ?? ''
  const words = match.input.slice(Math.max(0, match.index - 16), match.index) + name
  const isKey = /key$/i.test(words)
  if (isKey ? !secretKey.test(words.slice(0, -3)) : openToken.test(words.replace(/(?:token|secret)$/i, '')))
    return false
  if (isWritten(value) || nameOfParts.test(value) || /^sha\d{1,3}[-:]/.test(value)) return false
  return hasDigit(value) && /[A-Za-z]/.test(value) && bitsPerCharacter(value) >= 3
}

function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>()
  for (const each of value) counts.set(each, (counts.get(each) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length)
  return bits
}
