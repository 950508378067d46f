import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { type AgentSession, claudeRecords, codexFork, filesOfAgent, jsonLines, type Line } from './agent-sessions.js'

/** The folder that a scenario's agents write their sessions to. */
export class AgentFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'hansard-agents-'))
  /** In the order in which they were written. */
  readonly files: string[] = []
  /** Of the clock that files are written by: no two writes happen in one second of it. */
  private seconds = 1_767_600_000
  private readonly sessions = new Map<string, AgentSession & { agent: string; path: string }>()

  write(agent: string, session: AgentSession): void {
    const files = filesOfAgent[agent]?.(session)
    if (!files) throw new TypeError(`No agent "${agent}" writes here`)
    const paths = Object.entries(files).map(([name, content]) => this.put(name, content))
    this.remember({ ...session, agent, path: paths[0] ?? '' })
  }

  /** The same session with other lines, or more. */
  rewrite(name: string, lines: readonly Line[]): void {
    const { agent, path: _, ...session } = this.session(name)
    this.write(agent, { ...session, lines })
  }

  /** Where its file was, there is one of another agent. */
  overwrite(name: string, agent: string, session: AgentSession): void {
    const [content = ''] = Object.values(filesOfAgent[agent]?.(session) ?? {})
    this.replace(name, content)
  }

  goOn(name: string, lines: readonly Line[]): void {
    this.rewrite(name, [...this.session(name).lines, ...lines])
  }

  /** Under another id, in a file of its own that begins with what was there. */
  resume(name: string, id: string, more: readonly Line[]): void {
    const { agent, path: _, ...before } = this.session(name)
    const session = { ...before, id, lines: [...before.lines, ...more] }
    const copied = claudeRecords(before).map((record) => ({ ...record, sessionId: id }))
    const own = claudeRecords(session, before.lines.length)
    this.remember({ ...session, agent, path: this.put(`${id}.jsonl`, jsonLines([...copied, ...own])) })
  }

  fork(name: string, id: string, lines: readonly Line[]): void {
    const { agent, path: _, ...parent } = this.session(name)
    const startedAt = new Date(parent.startedAt.getTime() + 3_600_000)
    const session = { ...parent, id, startedAt, lines }
    const path = this.put(`rollout-2026-01-05T10-00-00-${id}.jsonl`, jsonLines(codexFork(session, parent)))
    this.remember({ ...session, agent, path })
  }

  copy(name: string): void {
    this.files.push(this.put(`copy of ${name}.jsonl`, this.content(name)))
  }

  move(name: string): void {
    const { path } = this.session(name)
    renameSync(path, join(dirname(path), `moved ${basename(path)}`))
  }

  remove(name: string): void {
    rmSync(this.session(name).path)
  }

  /** Nothing of it can be read, and nobody can tell without opening it. */
  spoil(name: string): void {
    this.seconds--
    this.replace(name, 'x'.repeat(this.content(name).length))
  }

  /** Leaves the last line half written; once more, and it is whole. */
  tearLastLine(name: string): void {
    const content = this.content(name)
    const lastLine = content.trimEnd().split('\n').at(-1) ?? ''
    this.replace(name, content.slice(0, -Math.ceil(lastLine.length / 2)))
  }

  writeLastLineToItsEnd(name: string): void {
    this.rewrite(name, this.session(name).lines)
  }

  append(name: string, text: string, more: readonly Line[] = []): void {
    const session = this.session(name)
    const from = session.lines.length
    const lines = [...session.lines, ...more]
    const own = jsonLines(claudeRecords({ ...session, lines }, from))
    this.replace(name, `${this.content(name)}${text}\n${own}`)
    this.remember({ ...session, lines })
  }

  /** What Claude writes while a response comes: the same one, with what it has cost so far. */
  repeatLastRecord(name: string, outputTokens: number): void {
    const session = this.session(name)
    const [last] = claudeRecords(session, session.lines.length - 1)
    const { message, ...record } = last as { message: { usage: object } }
    const usage = { ...message.usage, output_tokens: outputTokens }
    this.append(name, JSON.stringify({ ...record, uuid: `${name}-again`, message: { ...message, usage } }))
  }

  delete(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  private session(name: string) {
    const session = this.sessions.get(name)
    if (!session) throw new TypeError(`No session "${name}" of an agent in this scenario`)
    return session
  }

  private remember(session: AgentSession & { agent: string; path: string }): void {
    this.sessions.set(session.id, session)
    if (!this.files.includes(session.path)) this.files.push(session.path)
  }

  private put(name: string, content: string): string {
    const path = join(this.path, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    this.seconds++
    utimesSync(path, this.seconds, this.seconds)
    return path
  }

  private replace(name: string, content: string): void {
    this.put(relative(this.path, this.session(name).path), content)
  }

  private content(name: string): string {
    return readFileSync(this.session(name).path, 'utf8')
  }
}
