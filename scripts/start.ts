import { mkdir } from 'node:fs/promises'
import { runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { fromEnvironment } from '../src/infrastructure/database/environment.js'
import { openHansard, openMigrations } from '../src/open-hansard.js'

const file = './.hansard/hansard.db'
const url = 'http://127.0.0.1:4271'

/** The service on a SQLite file that stays, or on the database of the environment. */
async function start(): Promise<number> {
  const { database = `sqlite:${file}` } = fromEnvironment()
  await mkdir('./.hansard', { recursive: true })
  process.stderr.write(hint)
  process.argv = ['node', 'hansard', 'serve', '--database', database, ...process.argv.slice(2)]
  return runCommandLine({ openHansard, openMigrations, fromEnvironment }, process)
}

const hint = `The HTTP service; Ctrl-C stops it. Its sessions stay in ${file}, unless HANSARD_DATABASE says otherwise. Try, in another terminal:

id=$(curl -s ${url}/v1/sessions -H 'content-type: application/json' -d '{"actorName":"ada"}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
curl -s ${url}/v1/sessions/$id/messages -H 'content-type: application/json' \\
  -d '{"messages":[{"role":"user","content":"Do I need an umbrella?"}]}'
curl -sN ${url}/v1/sessions/$id/follow

All of it is in docs/http.md, and machine-readable here:

curl -s ${url}/openapi.json

The library and the commands: npm run demo.

`

void start().then((exitCode) => {
  process.exitCode = exitCode
})
