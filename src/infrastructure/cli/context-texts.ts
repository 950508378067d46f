import type { JsonValue } from '../../domain/canonical-json.js'
import type { Context, ContextStep } from '../../domain/contexts/context.js'
import type { ContextWithSteps } from '../../domain/contexts/context-service.js'
import { count, instant, type Output, printable, shortened } from './output.js'

const summaryLength = 160

/** What a context is and holds. */
export function contextHeader(context: Context, output: Output): string {
  const { id, status, version, stepCount, openedAt, expiresAt, closedAt, sliding, subjectId, savedContext } = context
  const end = closedAt ? `closed ${instant(closedAt)}` : `expires ${instant(expiresAt)}${sliding ? ', sliding' : ''}`
  const facts = [
    `${status} · version ${version} · ${count(stepCount, 'step')} · opened ${instant(openedAt)} · ${end}`,
    ...(subjectId === null ? [] : [`subject ${subjectId}`]),
  ]
  const lines = facts.map((fact) => output.emphasise('dim', printable(fact)))
  return [output.emphasise('bold', id), ...lines, printable(JSON.stringify(savedContext))].join('\n')
}

/** The same, and its log. */
export function contextText(context: ContextWithSteps, output: Output): string {
  return [contextHeader(context, output), ...context.steps.map((step) => stepEntry(step, output))].join('\n')
}

/** One step of a log, what was asked and answered in short. */
export function stepEntry(step: ContextStep, output: Output): string {
  const title = output.emphasise('bold', printable(`#${step.stepIndex} ${step.action ?? ''}`.trim()))
  const head = `${title}${output.emphasise('dim', ` · ${instant(step.createdAt)}`)}`
  if (step.hashOnly) return `${head}\n  → ${step.requestHash}${step.responseHash ? `\n  ← ${step.responseHash}` : ''}`
  const response = step.responseHash === null ? '' : `\n  ← ${inShort(step.response)}`
  return `${head}\n  → ${inShort(step.request)}${response}`
}

const inShort = (value: JsonValue) => printable(shortened(JSON.stringify(value), summaryLength))
