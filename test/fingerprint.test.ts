import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { errorFingerprint } from '../src/domain/transcripts/error-fingerprint.js'
import { goldenGroups, mustMerge, mustSplit } from './fingerprint-golden.js'
import { processorMs } from './processor-time.js'

const templateOf = (body: string) => errorFingerprint(body)?.template
const keyOf = (body: string) => errorFingerprint(body)?.key

test('errors that are the same one share a fingerprint', () => {
  assert.ok(mustMerge.length + goldenGroups.length > 200)
  for (const { one, other } of mustMerge) {
    assert.ok(keyOf(one), one)
    assert.equal(keyOf(other), keyOf(one), `${one}\n${other}\n${templateOf(one)}\n${templateOf(other)}`)
  }
})

test('errors that differ do not', () => {
  const keys = new Map(goldenGroups.map(([one = '']) => [one, keyOf(one)]))
  for (const { one, other } of mustSplit) assert.notEqual(keys.get(one), keys.get(other), `${one}\n${other}`)
})

test('a fingerprint is its version, 16 hex digits, a template and a sample', () => {
  const body = `Exit code 1\nError: no user ${'x'.repeat(400)} 17`
  const { version, key, template, sample } = errorFingerprint(body) ?? assert.fail()
  assert.equal(version, 1)
  assert.match(key, /^[0-9a-f]{16}$/)
  assert.equal(template.length, 300)
  assert.equal(sample, body.split('\n')[1]?.slice(0, 300))
})

test('the tool, the case of letters and the blanks are no part of the key', () => {
  const body = 'Error: no such user'
  assert.equal(errorFingerprint(body, { tool: 'Edit' })?.key, errorFingerprint(body, { tool: 'Write' })?.key)
  assert.equal(keyOf('error:  NO such\tuser'), keyOf(body))
})

describe('numbers and names that are the error are kept', () => {
  const kept = [
    'Request failed with status code 404',
    'HTTP 502 from upstream',
    'HTTPError: 429 Client Error: Too Many Requests',
    '503 Server Error: for all',
    'error: could not read (os error 13)',
    'Command failed with signal 9',
    'error TS2345: x',
    'failed with errno -4058',
    'curl: (22) The requested URL returned error: 403',
    "Cannot find module '@scope/pkg/sub'",
    "No module named 'yaml'",
    'either/or is undefined',
    'unexpected application/json',
    'Node.js cannot do that',
    'console.log is not a function',
    'res.json is not a function',
    'failed to decode a marker',
    'TCP/IP and I/O error',
    'exit code 0xC0000005',
    'ORA-00942: table or view does not exist',
  ]
  for (const line of kept) test(line, () => assert.equal(templateOf(line), line))
})

describe('what only differs is replaced', () => {
  const replaced: Record<string, string> = {
    'failed after 4132ms': 'failed after <duration>',
    'failed at 2025-09-24T12:00:00.123+02:00': 'failed at <time>',
    'failed: src/a/b.ts:12:3': 'failed: <path>',
    'failed: C:\\Program Files (x86)\\a b\\c.exe': 'failed: <path>',
    'failed: /Users/Ann Smith/app/(group)/[...id]/page.tsx:3:4': 'failed: <path>',
    'failed: README.md': 'failed: <path>',
    'failed: main.go:10:2': 'failed: <path>',
    'failed: cc -I/usr/include -L/opt/lib': 'failed: cc -I<path> -L<path>',
    'failed to decode 3 of 12': 'failed to decode <n> of <n>',
    'failed: item-42 of pkg@1.2.3': 'failed: item-<n> of pkg@<n>',
    'failed in src and lib/': 'failed in src and <path>',
    'failed: 10, 20, 30': 'failed: <n>',
    'failed: postgres://db.example.com:5432/app': 'failed: postgres://example.com',
    'failed: 550e8400-e29b-41d4-a716-446655440000': 'failed: <id>',
    'failed: deadbeefcafe1234': 'failed: <n>',
    'failed: [redacted:github:12ab]': 'failed: <secret>',
    'failed: v20.1.3-rc.1 needed': 'failed: <n> needed',
    'failed: sent 1.234,56 of 3 MB (7 %)': 'failed: sent <n> of <size> (<n>)',
  }
  for (const [line, template] of Object.entries(replaced)) test(line, () => assert.equal(templateOf(line), template))
})

describe('no error', () => {
  test('a refusal or an interruption', () => {
    const refusals = [
      "The user doesn't want to proceed with this tool use. The tool use was rejected.",
      '[Request interrupted by user for tool use]',
      'exec command rejected by user',
      "Claude requested permissions to write to /a, but you haven't granted it yet.",
    ]
    for (const body of refusals) assert.equal(errorFingerprint(body, { exitCode: 1 }), undefined, body)
  })

  test('a search or a comparison that finds nothing', () => {
    for (const command of [
      'grep -r x .',
      'cd a && rg x',
      'cat a | grep x',
      'FOO=1 diff a b',
      '/usr/bin/grep x',
      'git diff --exit-code',
    ]) {
      assert.equal(errorFingerprint('', { command, exitCode: 1 }), undefined, command)
    }
    assert.equal(errorFingerprint('Exit code 1', { tool: 'grep' }), undefined)
    assert.equal(errorFingerprint('< a\n> b', { command: 'diff a b', exitCode: 1 }), undefined)
    assert.ok(errorFingerprint('grep: a: No such file', { command: 'grep x a', exitCode: 2 }))
    assert.ok(errorFingerprint('', { command: 'make', exitCode: 1 }))
  })

  test('nothing at all', () => {
    for (const body of ['', ' \n\t', '\u001b[0m']) assert.equal(errorFingerprint(body), undefined)
    assert.equal(errorFingerprint('', { exitCode: 0 }), undefined)
  })
})

test('silence is told by its exit code and command', () => {
  const of = (exitCode: number, command?: string) => errorFingerprint('', { exitCode, command })?.template
  assert.equal(of(2), '<no output, exit code 2>')
  assert.equal(of(137, 'cd /a && node x.js'), '<no output, exit code 137> node')
  assert.equal(errorFingerprint('{"output":"","metadata":{"exit_code":3}}')?.template, '<no output, exit code 3>')
})

test('of a long body both ends are read', () => {
  const filler = 'all is well here\n'.repeat(100_000)
  assert.equal(templateOf(`${filler}Error: at the end`), 'Error: at the end')
  assert.equal(templateOf(`Error: at the start\n${filler}`), 'Error: at the start')
  assert.equal(templateOf(`${filler}Error: in the middle\n${filler}`), 'all is well here')
})

describe('any error', () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${length - 1}}$`))
  const hexes = fc.stringMatching(/^[0-9a-f]{39}[0-9]$/)
  const word = fc.stringMatching(/^[a-z]{3,10}$/)
  const path = fc.array(word, { minLength: 2, maxLength: 6 }).map((parts) => `/${parts.join('/')}.ts`)
  const time = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString())
  const variables = fc.tuple(
    path,
    fc.uuid(),
    time,
    digits(5),
    hexes,
    fc.ipV4(),
    fc.emailAddress({ size: 'small' }).filter((mail) => /^[\w.+-]+@[a-z\d.-]+$/.test(mail)),
  )

  test('keeps its fingerprint with other ids, paths, times and numbers', () => {
    const error = ([path, id, time, number, hash, ip, mail]: [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ]) =>
      `${time} Error: user ${id} <${mail}> at ${ip}: cannot open '${path}' (${number} of ${hash}) in ${path}:${number}`
    fc.assert(
      fc.property(variables, variables, (one, other) => assert.equal(templateOf(error(one)), templateOf(error(other)))),
    )
  })

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          ...goldenGroups.flat(),
          '\n',
          '{"output":"',
          '\u001b[',
          'Traceback (most recent call last):',
          '  at x (a:1:2)',
        ),
      )
      .map((parts) => parts.join('')),
    fc.json(),
  )

  test('has a template of at most 300 units, well-formed, and never throws', () => {
    fc.assert(
      fc.property(text, fc.option(fc.integer()), (body, exitCode) => {
        const found = errorFingerprint(body, { exitCode: exitCode ?? undefined, command: body, tool: body })
        if (!found) return
        for (const each of [found.template, found.sample]) {
          assert.ok(each.length > 0 && each.length <= 300 && each.isWellFormed() && !each.includes('\n'))
        }
        assert.deepEqual(errorFingerprint(body, { exitCode: exitCode ?? undefined, command: body, tool: body }), found)
      }),
      { numRuns: 500 },
    )
  })
})

test('hostile bodies take less than 50 ms for 50 KB', () => {
  const parts =
    'a|/|a/|./|"|\'|`|1|1.|1:|a.|[|(|{|}|\\|C:\\|://|http://a|@|a@|-|_|=| |  at |Error:|error |E   |0x|f|ff:|::|A1|a1B|msg_|\n|\n  at |#|!/|!|(a)/|[a]/|a b/|/a b|1h|1m |jan 1 |\u001b[|\u001b]|● |╭|error TS|Caused by: |npm ERR! |make: |from \'a/|module "|x.ts:1 |1,|v1.|+|e+1|{"output":"|[[[[|status |code 1'
  for (const part of [...parts.split('|'), 'stderr: ', "panicked at '", '/a.b-c_d', 'stderr:', 'é', '\u0301', '漢']) {
    for (const prefix of ['', 'Error: ']) {
      const body = prefix + part.repeat(50_000 / part.length)
      const timed = () => processorMs(() => errorFingerprint(body, { exitCode: 1, command: body }))
      assert.ok(
        [1, 2, 3].some(() => timed() < 50),
        JSON.stringify(prefix + part),
      )
    }
  }
})
