import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'

const root = resolve(__dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

describe('TypeScript in the docs', () => {
  let folder: string
  const pages = ['library', 'contexts', 'activity', 'transcripts', 'search', 'errors', 'http', 'getting-started'].map(
    (name) => `docs/${name}.md`,
  )
  const blocks = ['README.md', ...pages].flatMap((page) =>
    matches(read(page), /^```ts\n([\s\S]*?)^```$/gm).map((source, index) => ({ page, index, source })),
  )

  before(() => {
    mkdirSync(join(root, '.hansard'), { recursive: true })
    folder = mkdtempSync(join(root, '.hansard', 'docs-'))
    const compilerOptions = {
      rootDir: '../..',
      paths: { hansard: ['../../index.ts'], 'hansard/fastify': ['../../src/infrastructure/http/hansard-fastify.ts'] },
    }
    const include = ['.', '../../index.ts', '../../src', '../../migrations']
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include }),
    )
    writeFileSync(join(folder, 'given.d.ts'), given)
    for (const { page, index, source } of blocks) {
      writeFileSync(join(folder, `${page.replace(/\W/g, '-')}-${index}.mts`), `${source}\nexport {}\n`)
    }
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  test('compiles', () => {
    const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['--project', folder, '--noEmit'], {
      encoding: 'utf8',
    })
    // The rest of the program is checked by lint; here only what the pages show.
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.includes('.hansard/docs-')),
      [],
    )
  })

  /** Runs a block in an empty folder; what it printed. */
  function run(source = ''): string {
    const cwd = mkdtempSync(join(tmpdir(), 'hansard-block-'))
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') }
    const file = join(folder, 'block.ts')
    writeFileSync(file, insideFunction(source))
    try {
      const args = ['-r', require.resolve('tsx/cjs'), file]
      return execFileSync(process.execPath, args, { cwd, env, encoding: 'utf8' })
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  }

  for (const shown of ['README.md', 'docs/contexts.md', 'docs/activity.md', 'docs/transcripts.md', 'docs/search.md']) {
    test(`that ${shown} begins with runs, and prints what it says`, () => {
      const source = blocks.find(({ page }) => page === shown)?.source ?? ''
      assert.deepEqual(run(source).trimEnd().split('\n'), matches(source, /\/\/ prints (.+)$/gm))
    })
  }

  for (const [page, printed] of [
    ['docs/contexts.md', /^1 false sha256:\w+\n0 \d\ndone\n$/],
    [
      'docs/transcripts.md',
      /^1 claude:till-1 1\n1 0\nclaude:till-1 \w+ shop\n1 1\n3 Error: no such till\ntrue Error: no such till\n.* 1 \[\]\n(?:[^]*\n)?claude:till-1 evicted .+\n0 \{\}\ndone\n$/,
    ],
    ['docs/activity.md', /^false false \w{16}\n(direct|issue) .+\n[^]*Bash 1 1\n0 \{\} 3\n2 1\ndone\n$/],
  ] as const) {
    test(`on the calls of ${page} runs, one block after the other`, () => {
      const [, ...calls] = blocks.filter((block) => block.page === page).map(({ source }) => `{\n${source}}`)
      // The first makes what the others use; each of those may call its results as it likes.
      const [first = '', ...rest] = calls
      const begin = `import { openHansard } from 'hansard'\nconst hansard = await openHansard({ database: 'sqlite:./h.db' })`
      const body = [begin, first.slice(1, -1), ...rest].join('\n')
      assert.match(run(`${body}\nawait hansard.close()\nconsole.log('done')`), printed)
    })
  }

  test('on search runs, one block after the other', () => {
    const [, ...calls] = blocks.filter(({ page }) => page === 'docs/search.md').map(({ source }) => source)
    const onStore = calls.filter((source) => !source.includes('import ')).map((source) => `{\n${source}}`)
    assert.ok(onStore.length >= 4)
    const begin = `import { openHansard } from 'hansard'
const hansard = await openHansard({ database: 'sqlite:./h.db' })
const { id } = await hansard.sessions.create({ actorName: 'ada' })
await hansard.sessions.appendMessage(id, { role: 'user', content: 'the deploy was rolled back' })`
    const printed = run([begin, ...onStore, 'await hansard.close()'].join('\n'))
    assert.match(printed, /^Nothing has all .*\nthe deploy was <b>rolled<\/b> <b>back<\/b>\n\w{26}#1\n$/)
  })

  test('that shares a transaction with its host runs', () => {
    const source = blocks.find(({ source }) => source.includes('.withTransaction(manager)'))?.source
    assert.equal(run(`${source}\nconsole.log('done')`), 'done\n')
  })
})

/** The same program as CommonJS, which knows no await at the top. */
function insideFunction(source: string): string {
  const imports = matches(source, /^(import .+)$/gm)
  const rest = source.replace(/^import .+$/gm, '')
  return `${imports.join('\n')}\nvoid (async () => {\n${rest}\n})()\n`
}

/** What a block that does not say where a value comes from may take for granted. */
const given = `import type { EntityManager } from 'typeorm'
import type { ActivityEvent, Hansard, Session } from 'hansard'
declare global {
  const hansard: Hansard<EntityManager>
  const session: Session
  const id: string
  const stateToken: string
  const event: ActivityEvent
}
`

describe('the command line session of the README', () => {
  const [transcript = ''] = matches(read('README.md'), /^```console\n([\s\S]*?)^```$/gm)
  const steps = transcript
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...output] = step.trimEnd().split('\n')
      return { command, output: output.join('\n') }
    })
  const cwd = mkdtempSync(join(tmpdir(), 'hansard-console-'))
  const actualIds = new Map<string, string>()
  const ulid = /\b01[0-9A-HJKMNP-TV-Z]{24}\b/g
  const instants = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g

  after(() => rmSync(cwd, { recursive: true, force: true }))

  for (const { command, output } of steps) {
    test(`$ ${command}`, () => {
      const line = command.replace(ulid, (id) => actualIds.get(id) ?? id)
      const actual = shell(line, cwd).trimEnd()
      const ids = matches(actual, new RegExp(`(${ulid.source})`, 'g'))
      for (const [index, id] of matches(output, new RegExp(`(${ulid.source})`, 'g')).entries())
        actualIds.set(id, ids[index] ?? '')
      const expected = output.replace(ulid, (id) => actualIds.get(id) ?? id)
      assert.equal(actual.replace(instants, 'then'), expected.replace(instants, 'then'))
    })
  }
})

function shell(line: string, cwd: string): string {
  const shim = `hansard() { "${process.execPath}" -r "${require.resolve('tsx/cjs')}" "${join(root, 'src', 'bin.ts')}" "$@"; }`
  const env = {
    ...process.env,
    TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
    HANSARD_DATABASE: 'sqlite:./hansard.db',
    NO_COLOR: '1',
  }
  return execFileSync('/bin/sh', ['-c', `${shim}\n${line}`], { cwd, env, encoding: 'utf8' })
}
