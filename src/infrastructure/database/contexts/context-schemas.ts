import { EntitySchema } from 'typeorm'
import { Context, ContextStep } from '../../../domain/contexts/context.js'
import { bigInteger, flag, idColumn, instant, integer, json, nullable, text } from '../columns.js'
import { type SchemaOptions, schemaNames } from '../schema-names.js'

/** The entity schemas of this capability; each call makes its own set. */
export function contextSchemas(options: SchemaOptions): EntitySchema[] {
  const { base, check, index, name, owned } = schemaNames(options)
  const context = new EntitySchema<Context>({
    ...base('contexts'),
    name: 'HansardContext',
    target: Context,
    columns: {
      id: idColumn(name('pk_contexts')),
      namespace: text('namespace', 255),
      subjectId: nullable(text('subject_id', 128)),
      status: text('status', 16),
      savedContext: json('saved_context'),
      version: integer('version'),
      stepCount: integer('step_count'),
      ttlMs: bigInteger('ttl_ms'),
      sliding: flag('sliding'),
      openedAt: instant('opened_at'),
      expiresAt: instant('expires_at'),
      lastStepAt: nullable(instant('last_step_at')),
      closedAt: nullable(instant('closed_at')),
      // For the repository alone: no member of the class, and in no read through the ORM.
      tokenHash: { ...text('token_hash', 71), select: false },
      changeId: { ...text('change_id', 26), select: false },
      idempotencyKey: { ...nullable(text('idempotency_key', 255)), select: false },
      payloadHash: { ...nullable(text('payload_hash', 71)), select: false },
    } as never,
    uniques: [
      { name: name('uq_contexts_token'), columns: ['tokenHash'] },
      { name: name('uq_contexts_key'), columns: ['namespace', 'idempotencyKey'] },
    ] as never,
    checks: [
      check('ck_contexts_status', "status in ('open', 'closed', 'expired')"),
      check('ck_contexts_saved_context', 'octet_length(saved_context) <= 1048576'),
      check('ck_contexts_counts', 'version >= 1 and step_count between 0 and 1024'),
    ],
    indices: [
      index('ix_contexts_opened_at', ['namespace', 'openedAt', 'id']),
      index('ix_contexts_subject', ['namespace', 'subjectId', 'openedAt', 'id']),
      index('ix_contexts_expires_at', ['namespace', 'status', 'expiresAt']),
      index('ix_contexts_closed_at', ['namespace', 'status', 'closedAt']),
    ],
  })
  const step = new EntitySchema<ContextStep>({
    ...base('context_steps'),
    ...owned('context_steps', 'context', () => Context),
    name: 'HansardContextStep',
    target: ContextStep,
    columns: {
      id: idColumn(name('pk_context_steps')),
      namespace: text('namespace', 255),
      contextId: text('context_id', 26),
      stepIndex: integer('step_index'),
      action: nullable(text('action', 64)),
      request: nullable(json('request')),
      response: nullable(json('response')),
      requestHash: text('request_hash', 71),
      responseHash: nullable(text('response_hash', 71)),
      createdAt: instant('created_at'),
      idempotencyKey: { ...nullable(text('idempotency_key', 255)), select: false },
      payloadHash: { ...nullable(text('payload_hash', 71)), select: false },
    } as never,
    uniques: [
      { name: name('uq_context_steps_index'), columns: ['contextId', 'stepIndex'] },
      { name: name('uq_context_steps_key'), columns: ['contextId', 'idempotencyKey'] },
    ] as never,
    checks: [
      check('ck_context_steps_index', 'step_index between 1 and 1024'),
      check(
        'ck_context_steps_size',
        "octet_length(coalesce(request, '')) + octet_length(coalesce(response, '')) <= 65536",
      ),
    ],
    indices: [index('ix_context_steps_created_at', ['namespace', 'createdAt'])],
  })
  return [context, step] as EntitySchema[]
}
