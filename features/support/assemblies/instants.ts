const names = [
  ...['createdAt', 'updatedAt', 'recordedAt', 'importedAt'],
  ...['openedAt', 'expiresAt', 'lastStepAt', 'closedAt'],
  ...['ts', 'lastAt', 'lastFailureAt', 'time'],
  ...['startedAt', 'endedAt', 'discoveredAt', 'ingestedAt', 'analyzedAt', 'evictedAt', 'firstAt', 'readAt'],
]

/** For `JSON.parse`: instants are dates in the library, and text on the command line and over HTTP. */
export function reviveInstant(key: string, value: unknown): unknown {
  return names.includes(key) && typeof value === 'string' ? new Date(value) : value
}
