import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const examples = resolve(__dirname, '..', 'examples')
const printed: Record<string, string> = {
  'host-transaction.ts': 'card refused\n1 order, 1 session\n',
  'move-a-session.ts': 'byte for byte the same\nsound\n',
  'record-and-resume.ts': '0 messages so far\n2 messages so far\n',
}

for (const [file, output] of Object.entries(printed)) {
  test(`the example ${file} runs and prints what it promises`, () => {
    const cwd = mkdtempSync(join(tmpdir(), 'hansard-example-'))
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(examples, 'tsconfig.json') }
    const args = ['-r', require.resolve('tsx/cjs'), join(examples, file)]
    try {
      assert.equal(execFileSync(process.execPath, args, { cwd, env, encoding: 'utf8' }), output)
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
}

test('every example is run', () => {
  assert.deepEqual(
    readdirSync(examples)
      .filter((file) => file.endsWith('.ts'))
      .sort(),
    Object.keys(printed),
  )
})
