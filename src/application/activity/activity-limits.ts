/** Configurable limits; bytes are those of the stored JSON as UTF-8. */
export interface ActivityLimits {
  /** Payload of an event. Defaults to 64 KiB; at most 1 MiB, which the schema enforces. */
  eventBytes: number
}

export const defaultActivityLimits: ActivityLimits = { eventBytes: 64 * 1024 }

/** What a limit may be raised to at most. */
export const activityLimitCeilings: ActivityLimits = { eventBytes: 1024 * 1024 }
