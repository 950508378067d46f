import { StorageError } from '../domain/errors.js'

/** The calls that a store accepted and has not answered: none comes in once it closes, all are waited for. */
export class OpenCalls {
  private readonly underWay = new Set<Promise<unknown>>()
  private readonly end = new AbortController()
  /** Aborted when the store begins to close: for calls that would last longer than anybody waits. */
  readonly closing: AbortSignal = this.end.signal

  /** @throws {StorageError} STORE_CLOSED */
  assertOpen(): void {
    if (!this.closing.aborted) return
    throw new StorageError('STORE_CLOSED', 'This store was closed. Open another with openHansard.')
  }

  async accept<T>(work: () => Promise<T>): Promise<T> {
    this.assertOpen()
    const call = work()
    this.underWay.add(call)
    try {
      return await call
    } finally {
      this.underWay.delete(call)
    }
  }

  /** Refuses new calls; resolves when every accepted one was answered. */
  async close(): Promise<void> {
    this.end.abort()
    await Promise.allSettled(this.underWay)
  }
}

/** Items whose every step is a call of its own: none begins once the store closes, one under way is waited for. */
export async function* eachAccepted<T>(calls: OpenCalls, items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (;;) {
      const { value, done } = await calls.accept(() => items.next())
      if (done) return
      yield value
    }
  } finally {
    await items.return(undefined)
  }
}

interface Accepting {
  readonly parts: { readonly calls: OpenCalls }
}

/** Puts a service's method under the store's life: refused when it is closed, waited for when it closes. */
export function accepted() {
  return <Args extends unknown[], Result>(
    _target: object,
    name: string,
    descriptor: TypedPropertyDescriptor<(...args: Args) => Promise<Result>>,
  ): void => {
    const method = descriptor.value
    if (!method) throw new TypeError(`@accepted() stands on a method, and ${name} is none`)
    descriptor.value = function (this: Accepting, ...args: Args): Promise<Result> {
      return this.parts.calls.accept(() => method.apply(this, args))
    } as typeof method
  }
}
