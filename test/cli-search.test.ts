import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import type { SearchPageJson } from '../src/index.js'
import { runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { Collector, parts, Terminal } from './terminal.js'

async function withMessages(...texts: string[]): Promise<{ terminal: Terminal; id: string }> {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  for (const text of texts) await terminal.say(id, text)
  return { terminal, id }
}

const watched = () => Object.assign(new Collector(), { isTTY: true, columns: 100 })

test('search and reindex make no database file', async () => {
  const terminal = new Terminal()
  for (const line of [
    ['search', 'deploy'],
    ['search', 'reindex'],
  ])
    assert.equal((await terminal.type(line)).exitCode, 3, line.join(' '))
  assert.equal(existsSync(terminal.file), false)
})

test('a hit is its place, what and when it is, and the words, marked where nothing is bold', async () => {
  const { terminal, id } = await withMessages('the deploy was rolled back\u0007')
  const { stdout, stderr } = await terminal.type(['search', 'rolled', 'deploy'])
  const [head = '', text] = stdout.split('\n')
  assert.match(head, new RegExp(`^${id}#1 · message · \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ · ada$`))
  assert.equal(text, '  the «deploy» was «rolled» back\\x07')
  assert.equal(stderr, '')
})

test('on a terminal the words are bold', async (context) => {
  // Node asks the process's own terminal, of which a test has none.
  const { FORCE_COLOR } = process.env
  process.env.FORCE_COLOR = '1'
  context.after(() => {
    if (FORCE_COLOR === undefined) delete process.env.FORCE_COLOR
    else process.env.FORCE_COLOR = FORCE_COLOR
  })
  const { terminal } = await withMessages('the deploy was rolled back')
  const stdout = watched()
  await terminal.type(['search', 'deploy'], { stdout })
  assert.ok(stdout.text.includes('the \u001b[1mdeploy\u001b[22m was'), stdout.text)
  terminal.env.NO_COLOR = '1'
  const plain = watched()
  await terminal.type(['search', 'deploy'], { stdout: plain })
  assert.ok(plain.text.includes('the «deploy» was'), plain.text)
})

test('what the hits do not say is said on stderr: some words only, and how to go on', async () => {
  const { terminal } = await withMessages('deploy one', 'deploy two')
  const some = await terminal.type(['search', 'deploy', 'yesterday', '--limit', '1'])
  assert.match(some.stderr, /^Nothing matches all of it; these match some of its words\.\nMore: add --cursor \S+\n$/)
  const [, cursor = ''] = /--cursor (\S+)/.exec(some.stderr) ?? []
  const rest = await terminal.type(['search', 'deploy', 'yesterday', '--limit', '1', '--cursor', cursor])
  assert.match(rest.stdout, /two|one/)
  assert.doesNotMatch(rest.stderr, /More/)
  const none = await terminal.type(['search', 'nowhere'])
  assert.deepEqual([none.stdout, none.stderr, none.exitCode], ['Nothing found.\n', '', 0])
})

test('after -- everything is a word, an exclusion and the name of the subcommand too', async () => {
  const { terminal, id } = await withMessages('deploy to staging', 'please reindex', 'deploy --force')
  const places = async (...line: string[]) =>
    (await terminal.json<SearchPageJson>('search', '--json', ...line)).items.map(({ anchor }) => anchor)
  const type = async (...words: string[]) => {
    const { stdout } = await terminal.type(['search', '--json', '--', ...words])
    return (JSON.parse(stdout) as SearchPageJson).items.map(({ anchor }) => anchor)
  }
  assert.deepEqual(await type('reindex'), [`${id}#2`])
  assert.deepEqual(await type('deploy', '-staging'), [`${id}#3`])
  assert.deepEqual(await type('--force'), [`${id}#3`])
  assert.deepEqual(await places('"reindex"'), [`${id}#2`])
  assert.deepEqual(await places('deploy -staging'), [`${id}#3`])
  assert.match((await terminal.type(['search', 'deploy', '-staging'])).stderr, /unknown option '-staging'/)
})

test('scopes stand as options, kinds as often as one likes', async () => {
  const { terminal, id } = await withMessages('deploy')
  const { items } = await terminal.json<SearchPageJson>(
    ...['search', 'deploy', '--kind', 'message', '--kind', 'tool', '--actor', 'ada', '--session', id],
    ...['--since', '2026-01-01', '--until', '2999-01-01', '--half-life', '86400000', '--limit', '5'],
  )
  assert.equal(items.length, 1)
  for (const options of ['--kind email', '--limit 0', '--half-life x', '--since soon', '--cursor x']) {
    const { exitCode } = await terminal.type(['search', 'deploy', ...options.split(' ')])
    assert.equal(exitCode, 2, options)
  }
  assert.equal((await terminal.json<SearchPageJson>('search', 'deploy', '--project', 'p1')).items.length, 0)
})

test('reindex counts what it wrote, with a bar for who watches', async () => {
  const { terminal } = await withMessages('deploy one', 'deploy two')
  assert.deepEqual(await terminal.json('search', 'reindex'), { entries: 2 })
  const [stdout, stderr] = [new Collector(), watched()]
  const argv = ['node', 'hansard', 'search', 'reindex']
  assert.equal(await runCommandLine(parts, terminal.process(argv, { input: '', stdout, stderr })), 0)
  assert.equal(stdout.text, 'Entries written anew: 2\n')
  assert.match(stderr.text, /2\/2 entries/)
  assert.equal((await terminal.type(['search', 'reindex', 'deploy'])).exitCode, 2)
})

test('HANSARD_SEARCH_OFF switches kinds off until they are on again and indexed anew', async () => {
  const { terminal, id } = await withMessages('deploy one')
  terminal.env.HANSARD_SEARCH_OFF = 'message, tool'
  await terminal.say(id, 'deploy two')
  const found = async () => (await terminal.json<SearchPageJson>('search', 'deploy')).items.length
  assert.match((await terminal.type(['doctor'])).stdout, /1 entries are of kinds that are switched off/)
  delete terminal.env.HANSARD_SEARCH_OFF
  assert.match((await terminal.type(['doctor'])).stdout, /1 of the messages cannot be found/)
  assert.equal(await found(), 1)
  await terminal.json('search', 'reindex')
  assert.equal(await found(), 2)
  assert.equal((await terminal.type(['doctor'])).exitCode, 0)
})

test('HANSARD_SEARCH_OFF with something that is no kind is refused by name', async () => {
  const { terminal } = await withMessages()
  terminal.env.HANSARD_SEARCH_OFF = 'mesage'
  const { exitCode, stderr } = await terminal.type(['search', 'deploy'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /"mesage" is not one; write message, tool, /)
})
