/** Longer arguments are those of tools that write files: of them only a patch's beginning is looked at. */
const maxArguments = 1024 * 1024

/** What the digest looks at in the text of a call: its command, and the files that it is about. */
export interface CallArguments {
  command: string | null
  files: string[]
}

const commandNames = ['command', 'cmd', 'script']
const fileNames = ['file_path', 'notebook_path', 'path', 'filePath', 'target_file', 'filename']
const patched = /^\*\*\* (?:Update|Add|Delete) File: (.{1,1024})$/gm

/** From arguments as JSON, from a bare command, or from a patch. */
export function callArguments(text: string): CallArguments {
  const value = text.length > maxArguments ? undefined : argumentsIn(text)
  const command = typeof value === 'string' ? value : commandIn(value)
  const patch = command ?? patchIn(value) ?? text.slice(0, maxArguments)
  return { command, files: [...new Set([...filesIn(value), ...filesInPatch(patch)])] }
}

export function filesInPatch(text: string): string[] {
  return text.includes('*** ') ? Array.from(text.matchAll(patched), ([, file = '']) => file.trim()) : []
}

/** As they were given: JSON of any value, or a bare command, which can begin like JSON: `[ -d a ] && npm test`. */
export function argumentsIn(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function commandIn(value: unknown): string | null {
  if (Array.isArray(value)) return words(value)
  if (typeof value !== 'object' || value === null) return null
  const members = value as Record<string, unknown>
  const name = commandNames.find((each) => Object.hasOwn(members, each))
  const command = name && members[name]
  return Array.isArray(command) ? words(command) : typeof command === 'string' ? command : null
}

function patchIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'patchText')) return undefined
  const { patchText } = value as Record<string, unknown>
  return typeof patchText === 'string' ? patchText : undefined
}

const words = (list: unknown[]) => list.filter((word) => typeof word === 'string').join(' ') || null

function filesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const members = value as Record<string, unknown>
  return fileNames.flatMap((name) => {
    const file = Object.hasOwn(members, name) ? members[name] : undefined
    return typeof file === 'string' && file !== '' ? [file] : []
  })
}
