import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ServiceEvent } from './service-events.js'

/** What the store tells of itself: `telemetry` of openHansard. */
export type StoreEvent =
  | { type: 'retry'; operation: string }
  | { type: 'commit'; appends: number; durationMs: number }
  | { type: 'overloaded'; pending: number }
  | { type: 'dropped'; reason: string; events: number }

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
const conflictCodes = /_CONFLICT$|_TAKEN$|^ILLEGAL_TRANSITION$|^SESSION_(CHANGED|NOT_ACTIVE)$/

/** The figures of one server, in a registry of its own. */
export class ServiceMetrics {
  readonly registry = new Registry()
  private readonly append = this.histogram('append_duration_seconds', 'Time of an append in the store', seconds)
  private readonly commit = this.histogram('commit_duration_seconds', 'Time of a commit on SQLite', seconds)
  private readonly commitAppends = this.histogram('commit_appends', 'Appends that shared a commit on SQLite', sizes)
  private readonly conflicts = this.counter('conflicts_total', 'Calls that the state of the store forbade', ['code'])
  private readonly retries = this.counter('retries_total', 'Tries after a transient failure', ['operation'])
  private readonly overloaded = this.counter('overloaded_total', 'Calls refused because too many were waiting')
  private readonly dropped = this.counter('activity_dropped_total', 'Activity events that a sink dropped', ['reason'])
  private readonly pending = this.gauge('pending_requests', 'Requests taken and not yet answered, followers apart')
  private readonly followers = this.gauge('followers', 'Open followers')
  private readonly requests = this.histogram('http_request_duration_seconds', 'Time of a request', seconds, [
    'method',
    'route',
    'status',
  ])

  readonly onStoreEvent = (event: StoreEvent): void => {
    if (event.type === 'retry') this.retries.inc({ operation: event.operation })
    if (event.type === 'overloaded') this.overloaded.inc()
    if (event.type === 'dropped') this.dropped.inc({ reason: event.reason }, event.events)
    if (event.type !== 'commit') return
    this.commit.observe(event.durationMs / 1_000)
    this.commitAppends.observe(event.appends)
  }

  readonly onServiceEvent = (event: ServiceEvent): void => {
    if (event.type === 'append') this.append.observe(event.durationMs / 1_000)
    if (event.type === 'problem' && conflictCodes.test(event.code)) this.conflicts.inc({ code: event.code })
    if (event.type !== 'follower') return
    this.followers.inc(event.change)
    // A follower is a request that is answered for as long as it lives.
    this.pending.dec(event.change)
  }

  /** Counts the requests of `app`, also those whose client goes away. */
  countRequests(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, reply) => {
      const startedAt = performance.now()
      this.pending.inc()
      reply.raw.once('close', () => {
        this.pending.dec()
        const { method, routeOptions } = request
        const labels = { method, route: routeOptions.url ?? 'none', status: reply.raw.statusCode }
        this.requests.observe(labels, (performance.now() - startedAt) / 1_000)
      })
    })
  }

  private histogram(name: string, help: string, buckets: number[], labelNames: string[] = []): Histogram {
    return new Histogram({ name: `hansard_${name}`, help, buckets, labelNames, registers: [this.registry] })
  }

  private counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `hansard_${name}`, help, labelNames, registers: [this.registry] })
  }

  private gauge(name: string, help: string): Gauge {
    return new Gauge({ name: `hansard_${name}`, help, registers: [this.registry] })
  }
}
