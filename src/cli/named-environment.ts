import { GwError } from '../errors.js'

/** What stands in a next step where the environment is to be typed; whoever makes an error need not know its name. */
const PLACEHOLDER = /\bENV\b/g

/** A step or command with the environment in it as it was typed. */
export function nameEnvironment(step: string, typed: string): string {
  return step.replaceAll(PLACEHOLDER, () => typed)
}

/** The same error with the environment in its next steps as it was typed. */
export function withEnvironment(error: GwError, typed: string): GwError {
  return error.withNextSteps(error.nextSteps.map((step) => step.replaceAll(PLACEHOLDER, () => typed)))
}

/** What `work` answers. @throws GwError as it does, with the environment as it was typed */
export async function namingEnvironment<Value>(typed: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof GwError ? withEnvironment(error, typed) : error
  }
}
