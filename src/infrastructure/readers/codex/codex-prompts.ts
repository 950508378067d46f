/** Put under the user's role by the agent. */
const injected =
  /^\s*(<(user_instructions|environment_context|INSTRUCTIONS|permissions|skill|turn_aborted|subagent_notification|recommended_plugins)|# AGENTS\.md)/
const context = '# Context from my IDE setup:'
const heading = '\n## My request for Codex:'

export const isInjected = (text: string): boolean => injected.test(text)

/** Editors write what is open before the request, which may itself speak of such a heading. */
export function requestIn(prompt: string): string {
  const start = prompt.startsWith(context) ? prompt.indexOf(heading) : -1
  return start === -1 ? prompt : prompt.slice(start + heading.length).trim()
}
