import type { JsonValue } from '../canonical-json.js'
import type { ArchivedSession, MessageJson } from './session-archive.js'

/** The head of a session for people to read; not importable. */
export function sessionMarkdown(session: ArchivedSession): string {
  const usage = session.tokenUsage
  const facts = [
    ['Session', session.id],
    ['Actor', session.actorName],
    ['Status', session.status],
    ['Created', session.createdAt],
    ['Messages', String(session.messageCount)],
    ['Tokens', `${usage.inputTokens} in, ${usage.cacheReadTokens} cached, ${usage.outputTokens} out`],
    ['Cost', `$${usage.estimatedCostUsd}`],
  ]
  return `# ${session.title ?? session.id}\n\n${facts.map(([name, value]) => `- ${name}: ${value}`).join('\n')}\n`
}

export function messageMarkdown(message: MessageJson): string {
  return `\n## ${message.sequence}. ${message.role} (${message.createdAt})\n\n${contentMarkdown(message.content)}\n`
}

function contentMarkdown(content: JsonValue): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(blockMarkdown).join('\n\n')
  return fenced(content)
}

function blockMarkdown(block: JsonValue): string {
  if (typeof block === 'string') return block
  const isText = typeof block === 'object' && block !== null && !Array.isArray(block) && typeof block.text === 'string'
  return isText ? (block.text as string) : fenced(block)
}

/** A fence longer than any run of backticks inside, so that content cannot close it. */
function fenced(value: JsonValue): string {
  const text = JSON.stringify(value, null, 2)
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}json\n${text}\n${fence}`
}
