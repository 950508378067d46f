/** What the store tells a host about itself; it never writes to the console. */
export type TelemetryEvent =
  | { type: 'retry'; operation: string; attempt: number; error: unknown }
  | { type: 'commit'; appends: number; durationMs: number }
  | { type: 'overloaded'; pending: number }

export type Telemetry = (event: TelemetryEvent) => void
