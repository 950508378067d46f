import { createRequire } from 'node:module'

type Validate = ((value: unknown) => boolean) & { errors?: unknown[] | null }
type BuildCompiler = () => (schemas: object, options: object) => (route: { schema: object }) => Validate

const compiler = (createRequire(require.resolve('fastify'))('@fastify/ajv-compiler') as BuildCompiler)()
const customOptions = {
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  allErrors: true,
  strict: false,
}

/** What is wrong with a value by a schema of the document. */
export function answerValidator(schema: object): (value: unknown) => unknown[] {
  const validate = compiler({}, { customOptions })({ schema })
  return (value) => (validate(value) ? [] : (validate.errors ?? []))
}
