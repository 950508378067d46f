import type { DataTable } from '@cucumber/cucumber'
import type { ActivityEvent, ActivityEventInput, ActivitySink, RelatedEvent } from '../../src/index.js'
import type { HansardWorld } from './world.js'

/** How a scenario speaks of an event. */
export const described = ({ kind, name, path, issueId, state }: ActivityEvent): string =>
  [kind, name ?? path ?? issueId, state].filter((part) => part !== null).join(' ')

export const describedRelation = (event: RelatedEvent): string => `${described(event)} (${event.relation})`

const day = '2026-01-05'

/** An instant of the day that scenarios on activity happen on. */
export const atTime = (time: string): Date => new Date(`${day}T${time}:00Z`)

export const timeOf = (instant: Date): string => instant.toISOString().slice(11, 16)

/** The rows of a table as events; what a cell leaves empty the event does not have. */
export function eventsOf(table: DataTable): ActivityEventInput[] {
  return table.hashes().map(({ at, ...fields }) => {
    const given = Object.entries(fields).filter(([, value]) => value !== '')
    return { ...(Object.fromEntries(given) as unknown as ActivityEventInput), ts: at ? atTime(at) : undefined }
  })
}

export async function recordEvent(world: HansardWorld, event: ActivityEventInput): Promise<void> {
  const recorded = await world.attempt(() => world.activity.record(event))
  if (!recorded) return
  world.eventBefore = world.event
  world.event = recorded
}

/** Every event of the namespace, newest first. */
export async function allEvents(world: HansardWorld): Promise<ActivityEvent[]> {
  return (await world.activity.recent({ limit: 1000 })).items
}

/** The scenario's one sink, made when it is first needed. */
export function sinkOf(world: HansardWorld): ActivitySink {
  world.sink ??= world.activity.sink()
  return world.sink
}
