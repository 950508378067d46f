import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { before, describe, test } from 'node:test'

const root = resolve(__dirname, '..')

describe('the package', () => {
  let files: string[]

  before(() => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error']
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as [
      { files: { path: string }[] },
    ]
    files = packed.files.map(({ path }) => path)
  })

  test('holds what it runs, and no maps to sources that it does not hold', () => {
    for (const file of ['dist/index.js', 'dist/index.d.ts', 'dist/src/bin.js']) assert.ok(files.includes(file), file)
    assert.deepEqual(
      files.filter((file) => file.endsWith('.map')),
      [],
    )
  })

  test('holds every page and folder that its own pages link to', () => {
    for (const page of files.filter((file) => file.endsWith('.md'))) {
      for (const [, link = ''] of readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        const target = posix.join(posix.dirname(page), link)
        assert.ok(
          files.some((file) => file === target || file.startsWith(target.replace(/\/?$/, '/'))),
          `${page} links to ${link}`,
        )
      }
    }
  })
})
