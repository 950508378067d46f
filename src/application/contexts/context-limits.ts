/** Configurable limits; bytes are those of the stored JSON as UTF-8. */
export interface ContextLimits {
  /** Saved context. Defaults to 16 KiB; at most 1 MiB, which the schema enforces. */
  contextBytes: number
  /** Top-level keys of the saved context. Defaults to 64; at most 1,024. */
  contextKeys: number
  /** Request and response of a step together. Defaults to 4 KiB; at most 64 KiB, which the schema enforces. */
  stepBytes: number
  /** Steps of a context. Defaults to 32; at most 1,024, which the schema enforces. */
  contextSteps: number
  /** Contexts of a namespace that can be used at the same time. Defaults to 10,000; at most 1,000,000. */
  openContexts: number
}

export const defaultContextLimits: ContextLimits = {
  contextBytes: 16 * 1024,
  contextKeys: 64,
  stepBytes: 4 * 1024,
  contextSteps: 32,
  openContexts: 10_000,
}

/** What a limit may be raised to at most. */
export const contextLimitCeilings: ContextLimits = {
  contextBytes: 1024 * 1024,
  contextKeys: 1_024,
  stepBytes: 64 * 1024,
  contextSteps: 1_024,
  openContexts: 1_000_000,
}
