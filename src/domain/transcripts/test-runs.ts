/** What is known of a command that ran and of what came back. */
export interface CommandResult {
  text: string
  exitCode?: number
  isError?: boolean
  /** A pipe or a list of commands can hide the exit code of the tests in it. */
  command?: string
}

const maxCommand = 10_000
const maxText = 40_000

const before =
  /^(?:\(|\w{1,100}=(?:"[^"]{0,400}"|'[^']{0,400}'|\S{0,400})\s|(?:sudo|time|env|exec|command|nice|nohup|xvfb-run|stdbuf -\w{1,4}|cross-env|dotenv|npx|bunx|pnpx|pnpm exec|pnpm dlx|yarn exec|yarn dlx|bun x|uvx|uv run|poetry run|pipenv run|pdm run|hatch run|rye run|bundle exec|docker compose exec|coverage run -m|c8|nyc)\s|(?:timeout|gtimeout)(?:\s-\S{1,20}){0,4}\s\S{1,20}\s|(?:bash|sh|zsh) -\w{0,4}c\s{1,4}["']?|(?:python|python3|py)(?:[\d.]{1,8})? (?:-\w{1,10} ){0,4}-m\s(?=(?:pytest|unittest|tox|nox))|(?:--?\w[\w-]{0,40}(?:=\S{0,80})?\s))\s{0,20}/

const testProgram =
  /^(?:\S{0,400}\/)?(?:(?:pytest|py\.test|unittest|jest|vitest|mocha|ava|karma|rspec|phpunit|pest|ctest|tox|nox|cucumber(?:-js)?|behave|tap|busted|bats|gotestsum)|go (?:-C \S{1,200} )?test|(?:cargo(?: \+\S{1,40})?) (?:test|nextest run|t)|(?:npm|pnpm|yarn|bun)(?: (?:-\S{1,40}|--\S{1,40}(?: (?!run|test)\S{1,80})?|workspace \S{1,80})){0,4} (?:run )?(?:tests?|t|tst)(?::[\w:-]{1,80})?|deno test|node (?:-\S{1,80} (?:[\w/.-]{1,80} )?){0,6}--test|(?:mvn|mvnw|gradle|gradlew|sbt|bazel|buck2?|nx|turbo|lein|ant)(?: \S{1,120}){0,8}? :?(?:[\w-]{1,80}:)?(?:test|tests|verify|check|integrationTest)|(?:dotnet|swift|mix|flutter|dart|rake|rails|bin\/rails|crystal|stack|cabal|zig build|php artisan|manage\.py|python3? manage\.py|composer|forge|hardhat|anchor|meson|ninja|just|task|make(?: -\w{1,20}){0,4}) (?:test|tests|spec|check|unittest)|playwright test|cypress run|xcodebuild(?: \S{1,120}){0,20}? test|(?:python3?|ruby|php|node|tsx|bash|sh) \S{0,200}(?:run[_-]?tests?|test_\w{1,80}|\w{1,80}_test|\w{1,80}\.test)\.(?:py|rb|php|js|mjs|ts|sh))(?=$|[\s:"')])/

const onlyTells = /\s--?(?:help|version|collect-only|co|listTests|list-tests|list|init|showConfig|dry-run)(?=$|[\s=])/

/**
 * Whether a command line runs tests: at least one of its commands does. `grep pytest`, `pip install pytest` and
 * `jest --version` do not.
 */
export function isTestRun(command: string): boolean {
  return commandsOf(command.slice(0, maxCommand)).some((each) => testProgram.test(each) && !onlyTells.test(each))
}

function commandsOf(command: string): string[] {
  const parts = command.replace(/\\\n/g, ' ').split(/&&|\|\||[;|\n&]/)
  return parts.map((part) => {
    let rest = part.trim()
    for (let taken = 0; taken < 12; taken++) {
      const shorter = rest.replace(before, '').trim()
      if (shorter === rest) break
      rest = shorter
    }
    return rest
  })
}

const some = '(?!0(?!\\d))\\d{1,9}'
const failed = new RegExp(
  [
    `(?<![\\w.])${some} (?:tests? |examples? |specs? |suites? |scenarios? )?(?:failed|failures?|failing|errors?|errored)(?!\\w)`,
    `(?<![\\w-])(?:[Ff]ail|[Ff]ailed|[Ff]ailures?|[Ee]rrors?)\\s?[:=]?\\s{1,12}${some}(?![\\w.])`,
    `^\\s{0,20}(?:not ok ${some}|--- FAIL|FAIL(?:ED)?(?:[\\s:!(]|$)|FAILURES!|BUILD FAIL(?:ED|URE)|\\*\\* TEST FAILED)`,
    'test result: FAILED|Test Run Failed|Tests? failed|failed tests?:|no tests (?:ran|found)|No tests? (?:files? )?found',
  ].join('|'),
  'm',
)
const passed = new RegExp(
  [
    `(?<![\\w.])${some} (?:tests? |examples? |specs? |scenarios? )?(?:passed|passing|pass|succeeded|successful)(?!\\w)`,
    `(?<![\\w-])(?:pass|passed)\\s?[:=]?\\s{1,12}${some}(?![\\w.])`,
    `^\\s{0,20}(?:ok ${some}|ok\\s{1,8}\\S{1,300}\\s{1,8}(?:[\\d.]{1,12}s|\\(cached\\))|OK(?: \\(|\\s{0,4}$)|PASS(?:\\s|$)|BUILD SUCCESS|\\*\\* TEST SUCCEEDED)`,
    `test result: ok|all (?:\\d{1,9} )?tests pass|Test Run Successful|Tests? run: ${some}, Failures: 0, Errors: 0|${some} (?:examples|tests?|runs),.{0,60} 0 failures`,
  ].join('|'),
  'im',
)

/**
 * Whether the tests of a command passed; undefined where nothing tells. The exit code goes first, then an error flag,
 * which the summary in the text can contradict. Behind a pipe, `;` or `||` neither says that the tests went well.
 */
export function testRunPassed(result: CommandResult): boolean | undefined {
  if (endedBadly(result)) return false
  const { text, exitCode, isError, command = '' } = result
  const isShown = !hidesExitCode(command)
  if (exitCode === 0 && isShown) return true
  const said = text.slice(-maxText)
  if (failed.test(said)) return false
  return passed.test(said) || (isError === false && isShown) || undefined
}

const endedBadly = ({ isError, exitCode }: CommandResult): boolean => isError === true || (exitCode ?? 0) !== 0

const hidesExitCode = (command: string): boolean =>
  /\||;|\n|(?<!&)&(?!&)/.test(
    command
      .slice(0, maxCommand)
      .replace(/\d?>&\d|&>/g, '')
      .trim(),
  ) && !/pipefail/.test(command)
