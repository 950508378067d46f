/** Letters and digits in no order, the same each time. No real key is in this file, nor anything that looks like one. */
export function jumble(
  length: number,
  alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
): string {
  let state = 20_011
  return Array.from({ length }, (_, place) => {
    state = (state * 48_271 + place) % 2_147_483_647
    return alphabet[state % alphabet.length] ?? ''
  }).join('')
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
export const hex = '0123456789abcdef'
const put = (...parts: string[]) => parts.join('')
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

const jwt = [base64url({ alg: 'HS256', typ: 'JWT' }), base64url({ sub: '1', name: 'Ann' }), jumble(43)].join('.')
const keyLines = Array.from({ length: 6 }, () => jumble(64)).join('\n')
const pem = (kind: string, body: string) => put('-----BEGIN ', kind, 'PRIVATE', ' KEY-----', body)
const end = (kind: string) => put('-----END ', kind, 'PRIVATE', ' KEY-----')

/** Of each rule, texts with a secret in them: what must not be left, its kind, and what may stay around it. */
export interface SecretExample {
  kind: string
  secret: string
  before?: string
  after?: string
}

const alone = (kind: string, ...secrets: string[]): SecretExample[] => secrets.map((secret) => ({ kind, secret }))
const within = (kind: string, before: string, secret: string, after = ''): SecretExample => ({
  kind,
  before,
  secret,
  after,
})

export const secretExamples: SecretExample[] = [
  ...alone('aws-access-key', put('AK', 'IA', jumble(16, upper)), put('AS', 'IA', jumble(16, upper))),
  within('aws-secret-key', 'aws_secret_access_key = ', jumble(40)),
  within('aws-secret-key', '"SecretAccessKey": "', put(jumble(20), '/', jumble(19)), '",'),
  within('aws-secret-key', 'AWS Secret Access Key [None]: ', jumble(40), '\n'),
  ...['ghp', 'gho', 'ghu', 'ghs', 'ghr'].flatMap((form) => alone('github', put(form, '_', jumble(36)))),
  ...alone('github', put('github', '_pat_', jumble(22), '_', jumble(59))),
  ...alone('gitlab', put('gl', 'pat-', jumble(20)), put('gl', 'dt-', jumble(20)), put('gl', 'rt-', jumble(20))),
  ...alone('slack', put('xo', 'xb-', '123456789012-', jumble(24)), put('xa', 'pp-1-A0', jumble(30).toUpperCase())),
  within('slack', put('https://hooks.slack', '.com/services/'), put('T0', jumble(8, upper), '/B0', jumble(24))),
  ...alone('stripe', put('sk', '_live_', jumble(24)), put('rk', '_test_', jumble(99)), put('wh', 'sec_', jumble(32))),
  ...alone('anthropic', put('sk', '-ant-', 'api03-', jumble(93), 'AA'), put('sk', '-ant-', 'oat01-', jumble(80))),
  ...alone('openrouter', put('sk', '-or-', 'v1-', jumble(64, hex))),
  ...alone('openai', put('sk', '-proj-', jumble(48)), put('sk', '-', jumble(48)), put('sk', '-', jumble(32, hex))),
  ...alone('google', put('AI', 'za', jumble(35)), put('ya', '29.', jumble(60)), put('GOC', 'SPX-', jumble(28))),
  ...alone('xai', put('xa', 'i-', jumble(80))),
  ...alone('hugging-face', put('h', 'f_', jumble(34))),
  ...alone('groq', put('gs', 'k_', jumble(52))),
  ...alone('sendgrid', put('S', 'G.', jumble(22), '.', jumble(43))),
  ...alone('twilio', put('S', 'K', jumble(32, hex))),
  within('twilio', `${put('A', 'C', jumble(32, hex))}:`, jumble(33, hex).slice(1)),
  ...alone('npm', put('np', 'm_', jumble(36))),
  within('npm', '//registry.npmjs.org/:_auth' + 'Token=', jumble(36)),
  ...alone('pypi', put('py', 'pi-', 'AgEIcHlwaS5vcmc', jumble(80))),
  within('azure', 'AccountName=a;Account' + 'Key=', put(jumble(86), '=='), ';EndpointSuffix=core.windows.net'),
  within('azure', 'https://a.blob.core.windows.net/c?sv=2024&si' + 'g=', put(jumble(43), '%3D'), '&se=2030'),
  within('telegram', '8123456789:', put('AA', jumble(33))),
  ...alone(
    'vendor-key',
    put('dop', '_v1_', jumble(64, hex)),
    put('hv', 's.', jumble(30)),
    put('lin', '_api_', jumble(40)),
  ),
  ...alone('vendor-key', put('AGE-SECRET', '-KEY-1', jumble(58, upper)), put('r', '8_', jumble(37))),
  within('private-key', pem('RSA ', ''), `\n${keyLines}\n`, end('RSA ')),
  within('private-key', pem('', ''), `\\n${keyLines.replaceAll('\n', '\\n')}\\n`, end('')),
  within('private-key', pem('OPENSSH ', ''), `\n${keyLines}`, '\n…'),
  within(
    'private-key',
    pem('EC ', ''),
    `\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\n${keyLines}\n`,
    end('EC '),
  ),
  ...alone('jwt', jwt),
  within('bearer', 'curl -H "Authorization: Bearer ', jumble(40), '" https://api.example.com'),
  within('authorization', 'Authorization: Bearer ', 'abc123'),
  within('authorization', 'Authorization: Basic ', Buffer.from(`ann:${jumble(12)}`).toString('base64')),
  within('authorization', '{"authorization":"token ', jumble(40), '"}'),
  within('cookie', 'Cookie: ', `sid=${jumble(32)}; theme=dark`, '\r\n'),
  within('cookie', "curl --cookie '", `sid=${jumble(32)}`, "' https://example.com"),
  within('cookie', 'Set-Cookie: ', `session=${jumble(40)}`),
  within('url-credentials', 'postgres://ann:', 'hunter2', '@db.internal:5432/app'),
  within('url-credentials', 'redis://:', 'p@ss-w0rd', '@127.0.0.1:6379'),
  within('url-credentials', 'git clone https://ann:', jumble(30), '@git.example.com/a/b.git'),
  within('command-password', 'sshpass -p ', 'hunter2', ' ssh ann@host'),
  within('command-password', 'mysql -u root -p', 'hunter2', ' app'),
  within('command-password', 'redis-cli -h cache -a ', 'hunter2', ' ping'),
  within('command-password', 'curl -s -u ann:', 'hunter2', ' https://example.com'),
  within('password', 'password=', 'hunter2'),
  within('password', 'DB_PASSWORD="', 'p@ss word1', '"'),
  within('password', '<password>', 'hunter2', '</password>'),
  within('password', 'machine example.com login ann password ', 'hunter2', '\n'),
  within('password', '{"password": "', 'hunter2', '"}'),
  within('password', '{\\"password\\":\\"', 'hunter2', '\\"}'),
  within('password', "config['password'] = '", 'letmein', "'"),
  within('password', "{ password: '", 'correct-horse', "' }"),
  within('password', '"db_password": "', 'pa\\"ss\'w0rd', '",'),
  within('password', 'createuser --password ', 'hunter2', ' app'),
  within('password', 'createuser --password=', 'letmein'),
  within('password', 'tool --user ann --password ', 'letmein', ' --host db'),
  within('password', 'DB_PASSWORD=', 'letmein'),
  within('password', 'export PGPASSWORD="', 'letmein', '"; psql'),
  within('password', 'Server=db;User Id=ann;Password=', 'letmein', ';Encrypt=true'),
  within('password', 'https://a.example/login?user=ann&password=', 'letmein', '&x=1'),
  within('password', '  password: ', 's3cret!', '\n'),
  within('password', "create role ann password '", 'hunter2', "'"),
  within('secret', 'TWILIO_AUTH_TOKEN=', jumble(32, hex)),
  within('secret', '"client_secret": "', jumble(24), '"'),
  within('secret', "apiKey: '", jumble(32), "',"),
  within('secret', 'x-api-key: ', jumble(40)),
  within('secret', 'PrivateKey = ', put(jumble(43), '=')),
  within('secret', 'deploy --api-key ', jumble(32), ' now'),
]

const publicKey = put(jumble(43), '=')

/** What looks like a secret and is none. */
export const harmless: Record<string, string> = {
  'a UUID': '019982b8-3422-79e0-8b3b-05abaf4f3c3e',
  'a UUID under a name': 'session_id: 019982b8-3422-79e0-8b3b-05abaf4f3c3e',
  'a ULID': '01JDN9K2V7Q8Z4M3T5W6X7Y8Z9',
  'a commit': `commit ${jumble(40, hex)}`,
  'a digest': `sha256:${jumble(64, hex)}`,
  'ids of calls': `toolu_${jumble(24)} call_${jumble(24)} msg_${jumble(24)} req_${jumble(24)}`,
  'integrity in a lock file': `"integrity": "sha512-${jumble(86)}=="`,
  'an image': `data:image/png;base64,${jumble(4000)}+/${jumble(4000)}==`,
  'what base64url can hold': `${jumble(300)}-${jumble(300)}_${jumble(300)}`,
  'a WireGuard public key': `[Peer]\nPublicKey = ${publicKey}\nAllowedIPs = 10.0.0.2/32`,
  'a public key of SSH': `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${jumble(43)} ann@host`,
  'a certificate': `-----BEGIN CERTIFICATE-----\n${keyLines}\n-----END CERTIFICATE-----`,
  'code that names the lines of a key': `pem.replace('${pem('', '')}', '').replace('${end('')}', '')`,
  'an elided key': `${pem('', '')}\n...\n${end('')}`,
  'placeholders of vendors': `gh${'p_'}${'x'.repeat(36)} sk-ant-${'api03-XXXXXXXXXXXXXXXXXXXXXXXX'} AKIA${'IOSFODNN7EXAMPLE'}`,
  'placeholders of passwords': 'password=xxxx password=<token> password=${PW} password=$PW "password": "********"',
  'placeholders of keys': 'API_KEY=YOUR_API_KEY OPENAI_API_KEY=your-api-key-here-1234 token="<token>"',
  'a template in an address': 'https://user:${PASSWORD}@host and postgres://<user>:<password>@host',
  'an address with a port': 'http://localhost:3000/@scope/package and git@github.com:a/b.git',
  types: 'interface User { password: string; pwd?: string | null; passphrase: Passphrase }',
  code: 'connect(user=user, password=password)\nthis.password = req.body.password\nlet pwd = hash(password)',
  'more code': 'exports.MD5Password = AuthenticationMD5Password; let is_valid_auth = validateDisplayName(x)',
  'arguments of a command': "program.arguments('<username> <password>')\n",
  'the environment in code': 'apiKey: process.env.OPENAI_API_KEY2, password: os.environ["PW1"]',
  'a schema': '"password": {"type": "string"}, "required": ["password"]',
  'a form': '<input type="password" name="password" placeholder="Password" />',
  labels: '"password": "Password", "forgot_password": "Passwort", password: "auth.password"',
  'a message': '"password": "must have at least 8 characters"',
  'a failed login': 'FATAL: password authentication failed for user "ann"',
  'tags of YAML': 'password: !vault |\n  password: !Ref Password1',
  'a header in prose': 'Authorization: Bearer <token>, or Authorization: Bearer access_token',
  'a prompt': '[sudo] password for ann: \nPassword: \nSorry, try again.',
  'a flag in prose': 'Use the --password flag; --password is read from stdin',
  'working directories': 'PWD=/home/ann/app OLDPWD=/home/ann pwd: /srv',
  'counts of tokens': 'max_tokens=4096 tokens: 123456 token_count: 99',
  'a cursor': `nextPageToken: "${jumble(32)}" next_token=${jumble(40)}`,
  'other keys': `primary_key=${jumble(24)} cache_key: ${jumble(32, hex)} idempotency-key: ${jumble(24)}`,
  'a name for a secret': 'secretName: my-app-secret-2024 secret = projects/app/secrets/db/versions/1',
  prose: 'The bearer authentication-and-authorization layer; basic usage; cookie: none; a risk-based task-list',
  'an account SID': `AC${jumble(32, hex)}`,
}
