import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isEditTool } from '../src/domain/transcripts/edit-tools.js'
import { saysFailure, saysSuccess } from '../src/domain/transcripts/failure-words.js'
import { type Outcome, OutcomeCourse, type OutcomeEvent } from '../src/domain/transcripts/outcome.js'
import { isTestRun, testRunPassed } from '../src/domain/transcripts/test-runs.js'
import { processorMs } from './processor-time.js'

const prompt: OutcomeEvent = { kind: 'user_msg', text: 'Fix the parser' }
const answer = (text: string): OutcomeEvent => ({ kind: 'assistant_msg', text })
const ran = (command: string, result: Partial<OutcomeEvent>, id = command): OutcomeEvent[] => [
  { kind: 'tool_call', tool: 'Bash', command, toolCallId: id },
  { kind: 'tool_result', tool: 'Bash', toolCallId: id, ...result },
]
const edit: OutcomeEvent = { kind: 'edit', tool: 'Edit' }

function outcomeOf(events: OutcomeEvent[]): Outcome {
  const course = new OutcomeCourse()
  for (const event of events) course.follow(event)
  return course.outcome()
}

describe('the outcome of', () => {
  const table: Record<string, [OutcomeEvent[], string]> = {
    nothing: [[], 'unknown none 0'],
    'a prompt alone': [[prompt], 'abandoned unanswered 0.9'],
    'a prompt after an answer': [[prompt, answer('Done.'), prompt], 'abandoned unanswered 0.7'],
    'an interruption': [[prompt, answer('I start'), { kind: 'human_intervention' }], 'abandoned interruption 0.8'],
    'a call without a result': [[prompt, ...ran('make', {}).slice(0, 1)], 'abandoned pending_call 0.5'],
    'a greeting': [[prompt, answer('Hello!')], 'unknown answered 0.2'],
    'passing tests': [[prompt, ...ran('npm test', { exitCode: 0 }), answer('It had errors.')], 'success test_run 0.9'],
    'failing tests': [[prompt, ...ran('npm test', { exitCode: 1 }), answer('All done!')], 'fail test_run 0.9'],
    'tests that fail behind a pipe': [
      [prompt, ...ran('npm test | tail', { exitCode: 0, text: '3 failed, 9 passed' }), answer('Done')],
      'fail test_run 0.9',
    ],
    'tests that failed, then passed': [
      [prompt, ...ran('pytest', { isError: true }), edit, ...ran('pytest', { isError: false }, 'b'), answer('Done')],
      'success test_run 0.9',
    ],
    'an edit after the failing tests': [
      [prompt, ...ran('pytest', { exitCode: 2 }), edit, answer('Try now')],
      'fail test_run 0.6',
    ],
    'a run of tests with its own result': [
      [prompt, { kind: 'test_run', exitCode: 0 }, answer('.')],
      'success test_run 0.9',
    ],
    'a call that is flagged as no error': [
      [prompt, { kind: 'test_run', command: 'npm test', toolCallId: 'a', isError: false }],
      'abandoned pending_call 0.5',
    ],
    'an error at the end': [[prompt, answer('I start'), { kind: 'error', text: 'Overloaded' }], 'fail is_error 0.8'],
    'three failures': [
      [prompt, ...[1, 2, 3].flatMap((id) => ran('make', { exitCode: 2 }, `${id}`)), answer('Hm.')],
      'fail exit_code 0.8',
    ],
    'a failure without an answer': [[prompt, ...ran('make', { isError: true })], 'fail is_error 0.7'],
    'a failure, then a mere answer': [
      [prompt, ...ran('make', { exitCode: 2 }), answer('Here it is.')],
      'fail exit_code 0.4',
    ],
    'a failure that the answer admits': [
      [prompt, ...ran('make', { exitCode: 2 }), answer('It failed.')],
      'fail words 0.6',
    ],
    'a commit': [
      [prompt, ...ran('git add . && git commit -m x', { exitCode: 0 }), answer('There.')],
      'success commit 0.8',
    ],
    'a refused commit': [[prompt, ...ran('git commit -m x', { exitCode: 1 }), answer('There.')], 'fail exit_code 0.4'],
    'a completion': [
      [prompt, ...ran('ls', { exitCode: 0 }), { kind: 'completion', text: 'There.' }],
      'success completion 0.7',
    ],
    'work and an answer': [[prompt, ...ran('ls', { exitCode: 0 }), answer('There.')], 'success answered 0.4'],
    'an answer that says so': [[prompt, ...ran('ls', {}), answer('12 passed, 0 failed')], 'success words 0.5'],
    'an answer that gives up': [[prompt, ...ran('ls', {}), answer('I was unable to do it.')], 'fail words 0.4'],
    'a token': [[prompt, ...ran('ls', {}), answer('Broken tokens')], 'success answered 0.4'],
    'a subagent that fails': [
      [
        prompt,
        ...ran('pytest', { exitCode: 1 }).map((event) => ({ ...event, isSidechain: true })),
        ...ran('ls', {}),
        answer('There.'),
      ],
      'success answered 0.4',
    ],
    'a failure before another prompt': [
      [prompt, ...ran('make', { exitCode: 2 }), prompt, ...ran('ls', { exitCode: 0 }), answer('There.')],
      'success answered 0.4',
    ],
  }
  for (const [name, [events, expected]] of Object.entries(table)) {
    test(name, () => {
      const { outcome, source, confidence } = outcomeOf(events)
      assert.equal(`${outcome} ${source} ${confidence}`, expected)
    })
  }

  test('any events is one of four, with a confidence from 0 to 1', () => {
    const kinds =
      'user_msg assistant_msg thinking tool_call tool_result error test_run edit human_intervention completion odd'
    const event = fc.record(
      {
        kind: fc.constantFrom(...kinds.split(' ')),
        text: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('0 errors', 'failed', null)),
        tool: fc.constantFrom('Bash', 'Edit', null),
        command: fc.constantFrom('npm test', 'npm test | tail', 'git commit', 'ls', null),
        toolCallId: fc.constantFrom('a', 'b', null),
        isError: fc.constantFrom(true, false, null),
        exitCode: fc.constantFrom(0, 1, 137, null),
        isSidechain: fc.boolean(),
      },
      { requiredKeys: ['kind'] },
    )
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const { outcome, confidence } = outcomeOf(events)
        assert.ok(['success', 'fail', 'abandoned', 'unknown'].includes(outcome))
        assert.ok(confidence >= 0 && confidence <= 1)
      }),
    )
  })
})

test('words of failure are read whole, with what denies them', () => {
  const failures = [
    '1 error',
    'Error: x',
    'TypeError: x',
    'it failed',
    '10 errors',
    '12 passed, 1 failed',
    'bash: x: command not found',
  ]
  failures.push(
    'Datei nicht gefunden',
    'Erreur : introuvable',
    'Ошибка: не найден',
    'エラーが発生しました',
    '错误：找不到文件',
    'No such file',
  )
  failures.push('error code 2', 'no warnings, 3 errors')
  const none = [
    '0 errors',
    'no errors found',
    '12 passed, 0 failed',
    'errors: 0',
    'Failures: 0, Errors: 0',
    'without any failures',
  ]
  none.push(
    '"error": null',
    'did not fail',
    'terrorism',
    'src/errors.ts',
    'keine Fehler',
    'error handling',
    'an infallible tool',
    'failover',
  )
  for (const text of failures) assert.equal(saysFailure(text), true, text)
  for (const text of none) assert.equal(saysFailure(text), false, text)
})

test('words of success are read whole, with what denies them', () => {
  for (const text of ['ok', 'All tests passed', '0 errors', 'Successfully built', '12 passed'])
    assert.ok(saysSuccess(text), text)
  const none = [
    'token',
    'broken',
    'bookkeeping',
    'not ok',
    'unsuccessful',
    '0 passed',
    'no tests passed',
    'not fixed',
    'compass',
  ]
  for (const text of none) assert.ok(!saysSuccess(text), text)
})

test('what runs tests', () => {
  const runs = `pytest -q|python -m pytest tests/a.py|python3 -m unittest|npm test|npm run test:unit -- --watch=false|npx jest a|pnpm --filter web test
    pnpm exec vitest run|yarn workspace api test|bun test|go test ./...|cargo test --all|cargo +nightly nextest run|./gradlew :app:test|mvn -q verify
    bundle exec rspec|vendor/bin/phpunit|ctest --output-on-failure|tox -e py311|node --test|node -r tsx/cjs --test test/a.test.ts|dotnet test|make check
    cd /a/b && CI=1 npm test 2>&1 \\| tail -5|timeout 60 pytest|bash -lc "npm test"|(cd web; npm t)|./node_modules/.bin/vitest|deno test -A|mix test
    uv run pytest|python manage.py test|npx playwright test|ENV="a b" go test`
  const others = `grep -r pytest .|pip install pytest|npm install --save-dev jest|cat jest.config.js|echo "run npm test"|jest --version|pytest --collect-only
    git commit -m "npm test passes"|ls test|vim test.js|npm run build|go build|cargo build|cd tests|mkdir test|npm run latest|rg "cargo test"|test -f a`
  const split = (text: string) => text.split(/(?<!\\)\||\n/).map((each) => each.trim().replaceAll('\\|', '|'))
  for (const command of split(runs)) assert.ok(isTestRun(command), command)
  for (const command of split(others)) assert.ok(!isTestRun(command), command)
})

test('whether tests passed', () => {
  const table: [Parameters<typeof testRunPassed>[0], boolean | undefined][] = [
    [{ text: '', exitCode: 0 }, true],
    [{ text: '12 passed', exitCode: 1 }, false],
    [{ text: '12 passed', isError: true }, false],
    [{ text: '', isError: false }, true],
    [{ text: '1 failed, 2 passed', isError: false }, false],
    [{ text: 'x', isError: false, command: 'pytest | tail' }, undefined],
    [{ text: '1 failed', exitCode: 0, command: 'pytest | tail -3' }, false],
    [{ text: '12 passed', exitCode: 0, command: 'pytest | tail -3' }, true],
    [{ text: 'x', exitCode: 0, command: 'pytest | tail -3' }, undefined],
    [{ text: '1 failed', exitCode: 0, command: 'npm test || true' }, false],
    [{ text: 'x', exitCode: 0, command: 'set -o pipefail; pytest | tail' }, true],
    [{ text: 'x', exitCode: 0, command: 'npm test 2>&1' }, true],
    [{ text: '' }, undefined],
    [{ text: '=== 2 failed, 10 passed in 0.5s ===' }, false],
    [{ text: '=== 10 passed in 0.5s ===' }, true],
    [{ text: 'Tests:       1 failed, 3 passed, 4 total' }, false],
    [{ text: 'Tests:       4 passed, 4 total' }, true],
    [{ text: 'test result: ok. 3 passed; 0 failed; 0 ignored' }, true],
    [{ text: 'test result: FAILED. 2 passed; 1 failed' }, false],
    [{ text: 'ok  \texample.com/a\t0.01s' }, true],
    [{ text: '--- FAIL: TestA (0.00s)\nFAIL' }, false],
    [{ text: 'ℹ pass 3\nℹ fail 0' }, true],
    [{ text: '# pass 3\n# fail 1' }, false],
    [{ text: 'Tests run: 5, Failures: 1, Errors: 0' }, false],
    [{ text: 'Tests run: 5, Failures: 0, Errors: 0\nBUILD SUCCESS' }, true],
    [{ text: '3 examples, 0 failures' }, true],
    [{ text: 'Ran 3 tests in 0.001s\n\nOK' }, true],
    [{ text: 'FAILED (failures=1)' }, false],
    [{ text: '  4 passing (12ms)\n  1 failing' }, false],
  ]
  for (const [result, expected] of table) assert.equal(testRunPassed(result), expected, JSON.stringify(result))
})

test('tools that edit, in the words of any agent', () => {
  const edits =
    'Edit MultiEdit Write NotebookEdit apply_patch str_replace str_replace_editor search_replace StrReplace write_file mcp__fs__edit_file patch'
  for (const tool of edits.split(' ')) assert.ok(isEditTool(tool), tool)
  for (const tool of ['Read', 'Bash', 'TodoWrite', 'Grep', '', 'write_stdin', 'editor'])
    assert.ok(!isEditTool(tool), tool)
})

test('hostile text and commands of 50 KB take less than 50 ms', () => {
  const parts = [
    'error ',
    'no error ',
    'errors: ',
    'a/',
    'fail',
    '1 failed ',
    'ok 1 a ',
    'A=1 ',
    'npm ',
    'npm -a ',
    'npx ',
    'mvn a ',
    '"',
    '1',
    ' ',
  ]
  for (const part of [
    ...parts,
    'node -a ',
    'bash -c ',
    'errors',
    '-a ',
    'timeout -a ',
    '& ',
    'TypeError',
    '0 0 errors',
    'xcodebuild a ',
  ]) {
    const text = part.repeat(50_000 / part.length)
    const judge = () => {
      saysFailure(text)
      saysSuccess(text)
      isTestRun(text)
      testRunPassed({ text, command: text })
    }
    assert.ok(
      [1, 2, 3].some(() => processorMs(judge) < 50),
      JSON.stringify(part),
    )
  }
})
