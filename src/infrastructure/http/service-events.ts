/** What the routes tell whoever counts: the server's metrics, or a host's own. */
export type ServiceEvent =
  | { type: 'append'; messages: number; durationMs: number }
  | { type: 'problem'; code: string }
  | { type: 'follower'; change: 1 | -1 }

export type Observer = (event: ServiceEvent) => void
