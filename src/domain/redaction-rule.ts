import { isNoPlaceholder } from './secret-checks.js'

/** What one sort of secret looks like, and where to look for it. */
export interface RedactionRule {
  /** What the marker and the counts call it: lower case, digits and dashes. Several rules may share a kind. */
  kind: string
  /** Why it is worth hiding. */
  why: string
  /** Literals, in any case, of which one stands where every match begins: nothing is looked at elsewhere. */
  openings: readonly string[]
  /**
   * Tried exactly where an opening stands. What follows the secret must be looked ahead at, for the secret ends
   * the match: the group `secret`, or all of it. Every quantifier must have an upper bound.
   */
  pattern: RegExp
  /** A last look at what was found; a secret where absent. */
  isSecret?(value: string, match: RegExpExecArray): boolean
}

/** Not behind a letter or digit, unless it ends `\\n`, `%3D` or the code of a colour. */
// oxlint-disable-next-line no-control-regex
const apart = /(?<!(?<!\\|%[0-9A-F]|\x1b\[[\d;]{0,16})[A-Za-z0-9])/

/** A rule whose secrets are no placeholders, unless it has a check of its own. */
export function rule(
  kind: string,
  why: string,
  openings: string,
  pattern: RegExp,
  isSecret: RedactionRule['isSecret'] = isNoPlaceholder,
): RedactionRule {
  return { kind, why, openings: openings.split(' '), pattern, isSecret }
}

/** A rule for what may not stand inside a word. */
export function key(...[kind, why, openings, pattern, isSecret]: Parameters<typeof rule>): RedactionRule {
  return rule(kind, why, openings, new RegExp(`${apart.source}(?:${pattern.source})`, pattern.flags), isSecret)
}
