import type { DropReason } from '../../domain/activity/activity-service.js'

/** What the store tells a host about itself; it never writes to the console. */
export type TelemetryEvent =
  | { type: 'retry'; operation: string; attempt: number; error: unknown }
  | { type: 'commit'; appends: number; durationMs: number }
  | { type: 'overloaded'; pending: number }
  | { type: 'dropped'; reason: DropReason; events: number }

export type Telemetry = (event: TelemetryEvent) => void
