/**
 * Names of domains by working folder: a folder stands for itself and all below it, one that ends in `*` for
 * all that begin so. Of several the longest wins.
 */
export type DomainMap = Readonly<Record<string, string>>

/** The name of the domain that a folder belongs to; null where none does. */
export function domainOf(cwd: string | null | undefined, domains: DomainMap): string | null {
  if (!cwd) return null
  let longest = -1
  let found: string | null = null
  for (const [folder, domain] of Object.entries(domains)) {
    const prefix = prefixOf(folder)
    if (prefix.length > longest && (cwd.startsWith(prefix) || (!folder.endsWith('*') && withEnd(cwd) === prefix))) {
      longest = prefix.length
      found = domain
    }
  }
  return found
}

/** A folder ends where its name does: `/srv/shop` is not within `/srv/sh`. */
const prefixOf = (folder: string) => (folder.endsWith('*') ? folder.slice(0, -1) : withEnd(folder))

const withEnd = (folder: string) => (/[/\\]$/.test(folder) ? folder : folder + separatorOf(folder))

/** That of Windows only where there is no other. */
const separatorOf = (folder: string) => (folder.includes('\\') && !folder.includes('/') ? '\\' : '/')
