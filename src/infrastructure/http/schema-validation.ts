import { createRequire } from 'node:module'
import type { FastifyInstance, FastifySchema, FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type { InputProblem } from '../../domain/errors.js'

type BuildCompiler = (schemas: object, options: { customOptions: object }) => FastifySchemaCompiler<FastifySchema>

/** The validator that Fastify itself uses and brings along, set up by us and not by the host. */
const ajvCompiler = createRequire(require.resolve('fastify'))('@fastify/ajv-compiler') as () => BuildCompiler

/** Nothing is filled in, dropped or converted: what was sent is what is judged. One fault ends it. */
const plain = { coerceTypes: false, useDefaults: false, removeAdditional: false, allErrors: false, strict: false }
const forBodies = ajvCompiler()({}, { customOptions: plain })
/** Everything in a URL is text. */
const forUrls = ajvCompiler()({}, { customOptions: { ...plain, coerceTypes: true } })

/** Validates by the routes' schemas and serializes by none: JSON values leave as they are stored. */
export function validateBySchema(app: FastifyInstance): void {
  app.setValidatorCompiler<FastifySchema>((route) => (route.httpPart === 'body' ? forBodies : forUrls)(route))
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
}

/** The validator's findings with the paths that the library would give: `messages[1].role`. */
export function schemaProblems(errors: FastifySchemaValidationError[]): InputProblem[] {
  return errors.map((error) => ({ path: pathOf(error), message: messageOf(error) }))
}

function pathOf({ instancePath, params }: FastifySchemaValidationError): string {
  const keys = instancePath.split('/').slice(1).map(unescaped)
  const own = params.missingProperty ?? params.additionalProperty
  if (typeof own === 'string') keys.push(own)
  return keys.reduce((path, key) => {
    if (/^\d+$/.test(key)) return `${path}[${key}]`
    return path === '' ? key : `${path}.${key}`
  }, '')
}

const unescaped = (key: string) => key.replaceAll('~1', '/').replaceAll('~0', '~')

function messageOf({ keyword, message, params }: FastifySchemaValidationError): string {
  if (keyword === 'required') return 'is missing'
  if (keyword === 'additionalProperties') return 'is not taken here'
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`
  return message ?? 'is not valid'
}
