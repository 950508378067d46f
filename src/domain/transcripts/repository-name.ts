import type { SessionFacts } from './transcript-reader.js'

/**
 * The name of a repository by its address: `host/owner/name`, the same for every way to reach it, without
 * who reaches it. Undefined for what is no address of one.
 */
export function repositoryName(address: string): string | undefined {
  const [, host, path] = byProtocol.exec(address) ?? byShell.exec(address) ?? []
  const name = path
    ?.replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  return host && name ? `${host.toLowerCase()}/${name}` : undefined
}

const byProtocol = /^[a-z][a-z+.-]{1,20}:\/\/(?:[^/@\s]*@)?([^/@:\s]{1,253})(?::\d{1,5})?\/+([^\s]{1,1000})$/i
/** As `git` takes them: `git@host:owner/name.git`. */
const byShell = /^(?:[^/@:\s]{1,100}@)?([^/@:\s]{1,253}):(?!\/\/)\/?([^\s]{1,1000})$/

/** The repository of a change that is asked for: what stands before `/pull/7`, `/-/merge_requests/7`. */
export function repositoryOfRequest(address: string): string | undefined {
  const [, repository] = /^(.{1,1000}?)(?:\/-)?\/(?:pull|pulls|merge_requests|pull-requests)\/\d/.exec(address) ?? []
  return repository && repositoryName(repository)
}

/**
 * Its address where one was told, else its root folder, else the folder that was worked in, where that was on a
 * branch. A worktree that an agent made within a repository is that repository.
 */
export function repositoryOf({ repository, gitRoot, cwd, gitBranch }: SessionFacts): string | null {
  if (repository) return repository
  const folder = gitRoot ?? (gitBranch ? cwd : undefined)
  return folder?.replace(/[/\\]\.(?:claude|codex|grok|git)[/\\]worktrees[/\\].*$/s, '') ?? null
}
