import { key, type RedactionRule, rule } from './redaction-rule.js'
import {
  isKeyMaterial,
  isMixed,
  isNamedSecret,
  isPlainPassword,
  isQuotedPassword,
  isUnwritten,
} from './secret-checks.js'

/** Raised by every change of the rules below that finds more or less: what was redacted before can be redacted again. */
export const redactionRulesVersion = 1

/** Keys that tell by their first letters whose they are. */
const vendorKeys = [
  key('aws-access-key', 'names an AWS key', 'AKIA ASIA ABIA ACCA', /A[A-Z]{3}[A-Z0-9]{16}(?![A-Za-z0-9])/),
  rule(
    'aws-secret-key',
    'signs for everything that its AWS identity may do',
    'secret',
    /secret[_ -]?(?:access[_ -]?)?key(?: \[[^\]\n]{0,24}\])?\\{0,3}["']?\s{0,3}(?:=>|[:=,])\s{0,3}\\{0,3}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/i,
  ),
  key('github', 'acts on GitHub', 'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_', /(?:gh[pousr]|github_pat)_\w{36,255}/),
  key(
    'gitlab',
    'acts as a user, runner or deployment of GitLab',
    'glpat- gldt- glptt- glrt- glcbt- glsoat- glft- glimt- glagent- gloas-',
    /gl(?:pat|dt|ptt|rt|cbt|soat|ft|imt|agent|oas)-[A-Za-z0-9_-]{20,256}(?:\.[A-Za-z0-9_-]{2,64}){0,2}/,
  ),
  key(
    'slack',
    'reads and writes in a Slack workspace',
    'xoxa xoxb xoxc xoxe xoxo xoxp xoxr xoxs xapp-',
    /(?:xox[abceoprs](?:\.xox[bp])?|xapp)-[A-Za-z0-9-]{16,255}/,
  ),
  rule(
    'slack',
    'posts into a Slack channel',
    'hooks.slack.com/',
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[A-Za-z0-9/_-]{20,255})/,
  ),
  key('stripe', 'moves money', 'sk_live_ sk_test_ rk_live_ rk_test_', /[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}/),
  key('stripe', 'proves that a call comes from Stripe', 'whsec_', /whsec_[A-Za-z0-9+/]{24,128}={0,2}/),
  key('anthropic', 'spends on an Anthropic account', 'sk-ant-', /sk-ant-[A-Za-z0-9_-]{24,255}/),
  key('openrouter', 'spends on an OpenRouter account', 'sk-or-', /sk-or-(?:v\d-)?[A-Za-z0-9]{32,128}/),
  key(
    'openai',
    'spends on an OpenAI account, or one that took over its form',
    'sk-',
    /sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,255}|[A-Za-z0-9]{20,128}(?![A-Za-z0-9_-]))/,
    isMixed,
  ),
  key('google', 'spends on a Google project', 'AIza', /AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/),
  key(
    'google',
    'acts as a Google user or client',
    'ya29. GOCSPX-',
    /(?:ya29\.[A-Za-z0-9_-]{20,1024}|GOCSPX-[A-Za-z0-9_-]{20,64})/,
  ),
  key('xai', 'spends on an xAI account', 'xai-', /xai-[A-Za-z0-9]{40,128}(?![A-Za-z0-9_-])/),
  key('hugging-face', 'acts as its user', 'hf_ api_org_', /(?:hf|api_org)_[A-Za-z0-9]{30,64}(?![A-Za-z0-9_])/),
  key('groq', 'spends on a Groq account', 'gsk_', /gsk_[A-Za-z0-9]{40,128}(?![A-Za-z0-9_])/),
  key('sendgrid', 'sends mail', 'SG.', /SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{32,128}/),
  key(
    'twilio',
    'sends messages and calls',
    'SK0 SK1 SK2 SK3 SK4 SK5 SK6 SK7 SK8 SK9 SKa SKb SKc SKd SKe SKf',
    /SK[0-9a-f]{32}(?![A-Za-z0-9])/,
  ),
  key(
    'twilio',
    'sends messages and calls',
    'AC0 AC1 AC2 AC3 AC4 AC5 AC6 AC7 AC8 AC9 ACa ACb ACc ACd ACe ACf',
    /AC[0-9a-f]{32}:(?<secret>[0-9a-f]{32})(?![A-Za-z0-9])/,
  ),
  key('npm', 'publishes packages', 'npm_', /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9_])/),
  rule(
    'npm',
    'publishes packages',
    '_authToken _auth',
    /(?<!\w)_auth(?:Token)?\s{0,3}=\s{0,3}["']?(?<secret>[A-Za-z0-9+/=_.-]{16,512})(?![\w(])/,
  ),
  key('pypi', 'publishes packages', 'pypi-', /pypi-Ag[A-Za-z0-9_-]{50,1024}/),
  rule(
    'azure',
    'opens a storage account or a bus',
    'AccountKey SharedAccessKey',
    /(?:Account|SharedAccess)Key=(?<secret>[A-Za-z0-9+/]{40,128}={0,2})/i,
  ),
  rule('azure', 'opens an address', 'sig=', /(?<=[?&])sig=(?<secret>(?:[A-Za-z0-9_-]|%[0-9A-F]{2}){40,128})/i),
  rule(
    'telegram',
    'acts as a bot',
    ':AA',
    /(?<=(?<![A-Za-z0-9])\d{8,10}):(?<secret>AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])/,
  ),
  key(
    'vendor-key',
    'opens an account at one of many services',
    'dop_v1_ dapi shpat_ shpss_ shpca_ hvs. dckr_pat_ lin_api_ sbp_ sb_secret_ r8_ pplx- tvly- PMAK- NRAK- ntn_ sntrys_ sntryu_ ATATT3 age-secret-key-1',
    /(?:(?:dop_v1_|dapi|shp(?:at|ss|ca)_|sbp_)[0-9a-f]{32,64}|(?:r8_|ntn_)[A-Za-z0-9]{37,50}|(?:hvs\.|dckr_pat_|lin_api_|sb_secret_|pplx-|tvly-|PMAK-|NRAK-|sntry[su]_|ATATT3|AGE-SECRET-KEY-1)[A-Za-z0-9_=+/-]{24,300})(?![A-Za-z0-9])/,
    isMixed,
  ),
]

/** Secrets that tell by the form they have or the place they stand in. */
const carried = [
  rule(
    'private-key',
    'is an identity',
    '-----BEGIN',
    /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?<secret>(?:[^-]|-(?!----)){20,16000}(?=-----END)|(?:\s|\\[nr]|["'+,>|]){0,40}[A-Za-z0-9+/=]{40,128}(?:(?:\s|\\[nr]|["'+,>|]){1,40}[A-Za-z0-9+/=]{16,128}){0,400})/,
    isKeyMaterial,
  ),
  key(
    'jwt',
    'is a signed statement of who somebody is',
    'eyJ',
    /eyJ[A-Za-z0-9_-]{8,2048}\.eyJ[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{0,2048}/,
  ),
  key(
    'bearer',
    'opens what its holder may do',
    'bearer',
    /bearer(?:\s|%20|\\u0020){1,3}["']?(?<secret>[A-Za-z0-9._~+/-]{16,8192}={0,2})(?![A-Za-z0-9_(])/i,
    isMixed,
  ),
  rule(
    'authorization',
    'opens what its holder may do',
    'authorization',
    /authorization\\{0,3}["'`]?\s{0,3}[:=,]\s{0,3}\\{0,3}["'`]?(?:bearer|basic|token|apikey|api-key|key|digest|bot|negotiate)\s{1,3}(?<secret>[A-Za-z0-9._~+/:-]{6,8192}={0,2})(?![A-Za-z0-9_(])/i,
  ),
  rule(
    'cookie',
    'is a session of somebody who has signed in',
    'cookie',
    /(?<![A-Za-z0-9_.])cookie\\{0,3}["']?(?::\s{0,3}|(?<=--cookie)[ =])\\{0,3}["']?(?<secret>[\w.-]{1,128}=[^\s;"'\\,]{6,4096}(?:; ?[\w.-]{1,128}=[^\s;"'\\,]{0,4096}){0,64})/i,
  ),
  rule(
    'url-credentials',
    'opens the database or the service that the address names',
    '://',
    /:\/\/[^\s:@/?#"'`<>\\]{0,128}:(?<secret>[^\s/?#"'`<>\\]{1,256})(?=@[A-Za-z0-9[_$%{-])/,
  ),
  rule(
    'command-password',
    'opens what the command speaks to',
    'sshpass redis-cli mysql mariadb curl',
    /(?<![\w./-])(?:sshpass (?:-[a-z] ){0,2}-p ?|redis-cli [^\n|;&]{0,120}?-a |(?:mysql|mariadb)(?:dump|admin)?(?: [^\n|;&]{0,120}?)? -p|curl [^\n|;&]{0,200}?(?:-u|--user) ?["']?[^\s:"']{1,64}:)["']?(?<secret>[^\s"'`|;&]{4,256})/i,
  ),
]

/** What stands after the name of a secret: weaker than a form of its own, so that each value is looked at once more. */
const named = [
  rule(
    'password',
    'is given to what asks for a password',
    'passw pwd passphrase',
    /(?:passw(?:or)?d|pwd|passphrase)(?:\\{0,3}["'])?\]?(?<between>[ \t]{0,8}(?:=>|:=|[:=])[ \t]{0,8}|[ \t]{1,3})[brf]?(?<quote>\\{0,3}["'`])(?<secret>(?:(?!\k<quote>)(?:\\[^\n]|[^\\\s])){3,256})(?=\k<quote>|$)/i,
    isQuotedPassword,
  ),
  rule(
    'password',
    'is given to what asks for a password',
    'passw pwd passphrase',
    /(?:passw(?:or)?d|pwd|passphrase)(?:\\{0,3}["'])?(?<between>[ \t]{0,3}(?:=|:=|:|%3D)[ \t]{0,3}|(?<=--[\w-]{1,40})[ \t]{1,3})(?<secret>[^\s"'`<>(){}[\],;&|\\]{3,256})(?![\w([{`])/i,
    isPlainPassword,
  ),
  rule(
    'password',
    'is given to what asks for a password',
    'PASSWORD= PASSWD= PASSPHRASE=',
    /PASS(?:WOR|W)?(?:D|PHRASE)=(?<quote>["'])(?<secret>(?:(?!\k<quote>)[^\n]){3,256})(?=\k<quote>)/,
    isUnwritten,
  ),
  rule(
    'password',
    'is given to what asks for a password',
    'passw passphrase',
    /(?:passw(?:or)?d|passphrase)>(?<!<\/[\w:.-]{1,80})(?<secret>[^\s<>]{3,256})(?=<\/)/i,
    isUnwritten,
  ),
  rule(
    'password',
    'is given to what asks for a password',
    'password',
    /(?<=login\s{1,4}\S{1,80}\s{1,4})password\s{1,4}(?<secret>\S{3,256})(?!\S)/,
    isUnwritten,
  ),
  rule(
    'secret',
    'is called a secret, a key or a token by what holds it',
    'token secret _key -key apikey secretkey accesskey privatekey presharedkey signingkey',
    /(?:token|secret|(?:api|access|secret|private|preshared|signing)?[_-]?key)(?:\\{0,3}["'])?\]?(?:[ \t]{0,8}(?:=>|:=|[:=])[ \t]{0,8}|(?<=--[\w-]{1,40})[ \t]{1,3})[brf]?(?:\\{0,3}["'`])?(?<secret>[A-Za-z0-9_+/.~-]{16,1024}={0,2})(?![\w([{+/.~-])/i,
    isNamedSecret,
  ),
]

/** The rules that apply unless told otherwise; of two that find the same, the first one names it. */
export const redactionRules: readonly RedactionRule[] = [...vendorKeys, ...carried, ...named]
