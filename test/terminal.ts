import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { MessageJson, SessionJson } from '../src/domain/sessions/session-archive.js'
import type { CommandLineProcess } from '../src/infrastructure/cli/command-context.js'
import { runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { fromEnvironment } from '../src/infrastructure/database/environment.js'
import { openHansard, openMigrations } from '../src/open-hansard.js'

export const parts = { openHansard, openMigrations, fromEnvironment }

export class Collector extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** What reads our output went away. */
export class ClosedPipe extends Writable {
  override _write(_chunk: Buffer, _encoding: string, done: (error: Error) => void): void {
    done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  }
}

/** A folder with a database in it, and a way to type commands there. */
export class Terminal {
  readonly folder = mkdtempSync(join(tmpdir(), 'hansard-cli-'))
  readonly file = join(this.folder, 'store.db')
  readonly database = `sqlite:${this.file}`
  readonly signals = new EventEmitter()
  readonly env: NodeJS.ProcessEnv = { HANSARD_DATABASE: this.database }

  async type(line: string[], { input = '', stdout = new Collector() }: { input?: string; stdout?: Writable } = {}) {
    const stderr = new Collector()
    const exitCode = await runCommandLine(parts, this.process(['node', 'hansard', ...line], { input, stdout, stderr }))
    return { exitCode, stdout: stdout instanceof Collector ? stdout.text : '', stderr: stderr.text }
  }

  /** Types a command with `--json`, expects it to succeed, and gives its document. */
  async json<T>(...line: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await this.type([...line, '--json'])
    assert.equal(exitCode, 0, stderr)
    assert.equal(stderr, '')
    return JSON.parse(stdout) as T
  }

  create(...options: string[]): Promise<SessionJson> {
    return this.json<SessionJson>('sessions', 'create', '--actor', 'ada', ...options)
  }

  say(id: string, content: string, ...options: string[]): Promise<MessageJson> {
    return this.json<MessageJson>('sessions', 'append', id, '--role', 'user', '--content', content, ...options)
  }

  process(argv: string[], streams: { input: string; stdout: Writable; stderr: Writable }): CommandLineProcess {
    return {
      argv,
      env: this.env,
      stdin: Readable.from(streams.input === '' ? [] : [Buffer.from(streams.input)]),
      stdout: streams.stdout,
      stderr: streams.stderr,
      once: (event, listener) => this.signals.once(event, listener),
      off: (event, listener) => this.signals.off(event, listener),
    }
  }
}
