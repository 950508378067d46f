const negated = [
  /(?<![\w.,])(?:0|no|zero|without(?: any)?|never|not an?|did not|didn't|does not|doesn't|keine?|sans|aucune?|sin|нет|没有)\s{1,3}(?:[a-z]{1,20}\s{1,3})?(?:errors?|err|fail(?:s|ed|ing|ures?)?|exceptions?|problems?|fehler|erreurs?|errores|ошибок|错误)(?![\w-])/giu,
  /(?<![\w-])(?:errors?|fail(?:s|ed|ures?)?|exceptions?|fehler|erreurs?|errores)(?: found)?["']?\s{0,3}[:=]?\s{0,3}(?:0|none|null|false|nil|\[\]|\{\}|"")(?![\w.,]\d|\w)/giu,
  /(?<![\w-])(?:error|failure|exception)s?[- ](?:free|handl(?:ing|ers?|ed)|message|boundar(?:y|ies)|cod(?:e|es) 0(?!\d)|recovery|prone)(?!\w)/gi,
  // Names of files, such as src/errors.ts.
  /[\w/\\.-]{0,200}(?:errors?|failures?|exceptions?)[\w-]{0,40}\.[a-z]{1,4}(?!\w)/gi,
]

const failure =
  /(?<![\p{L}\d_-])(?:errors?|errored|\w{0,60}(?:Error|Exception)|fail(?:s|ed|ing|ures?)?|fatal|exceptions?|traceback|panic(?:ked)?|non-zero|cannot|can't|can’t|could not|couldn't|couldn’t|unable to|denied|not found|no such|does not exist|doesn't exist|not recognized|invalid|unexpected|undefined|unresolved|unrecognized|unknown (?:option|command|argument|flag|host)|refused|rejected|timed? ?out|timeout|killed|aborted|segmentation fault|core dumped|missing|mismatch|conflict|forbidden|unauthorized|out of memory|no space left|fehler|fehlgeschlagen|nicht gefunden|kann nicht|konnte nicht|keine berechtigung|verweigert|erreur|échec|échoué|introuvable|impossible|aucun fichier|permission non accordée|fallo|falló|no se (?:encontró|puede|pudo)|no existe|denegado|erro|falha|falhou|não encontrado|errore|fallito|impossibile|błąd|ошибка|не найден[оа]?|не удалось|отказано|hata)(?![\p{L}\d_])|错误|失败|找不到|无法|錯誤|失敗|エラー|見つかりません|できません|오류|실패|없습니다/iu

const success =
  /(?<![\p{L}\d_-])(?:(?<!not |isn't |n't be |never )(?:pass(?:ed|es|ing)|succeeded|success|successful(?:ly)?|ok|fixed)|(?:0|no) (?:errors?|fail(?:ed|ures?))|all (?:tests|checks) pass|erfolgreich|réussi|éxito)(?![\p{L}\d_-])|成功|успешно/iu
const nothingPassed = /(?<![\w.])(?:0|no|none|not)(?: tests?| checks?| all)? (?:passed|succeeded|successful|ok)(?!\w)/gi

const maxLength = 20_000

/** The two ends of a text too long to read for a hint; what ended badly says so at one of them. */
const ends = (text: string): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength / 2)}\n${text.slice(-maxLength / 2)}`

/** Whether a text speaks of something gone wrong, in whole words: "0 errors" and "12 passed, 0 failed" do not. */
export function saysFailure(text: string): boolean {
  const said = ends(text)
  return failure.test(said) && failure.test(negated.reduce((left, each) => left.replace(each, ' '), said))
}

/** Whether a text speaks of something gone well, in whole words: neither "token" nor "not ok" does. */
export function saysSuccess(text: string): boolean {
  return success.test(ends(text).replace(nothingPassed, ' '))
}
