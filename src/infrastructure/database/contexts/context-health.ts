import { type FindUnreadable, unreadableRows } from '../unreadable-rows.js'
import { type ContextRow, isReadable, isReadableStep, type StepRow } from './context-rows.js'

/** What of the contexts cannot be read any more. */
export const unreadableContexts: FindUnreadable = async (database) => {
  const { contexts, steps } = database.tables
  const ofContexts = await unreadableRows<ContextRow>(
    database,
    [contexts, 'id, saved_context'],
    isReadable,
    ({ id }) => id,
  )
  const columns = 'id, context_id, step_index, request, response'
  const nameOf = ({ context_id, step_index }: StepRow) => `${context_id} (step ${step_index})`
  const ofSteps = await unreadableRows<StepRow>(database, [steps, columns], isReadableStep, nameOf)
  return { of: 'contexts', names: [...ofContexts, ...ofSteps] }
}
