import { GwError } from '../errors.js'

/** The word that stands for the environment in next steps that are written where nobody knows how it was named. */
const PLACEHOLDER = /\bENV\b/g

/** The same error with the environment in what to type next, as it was typed. */
export function withEnvironment(error: GwError, typed: string): GwError {
  const nextSteps = error.nextSteps.map((step) => step.replaceAll(PLACEHOLDER, () => typed))
  const { code, message, host, at, frame, cause } = error
  return new GwError(code, message, {
    ...(host === undefined ? {} : { host }),
    ...(at === undefined ? {} : { at }),
    ...(frame === undefined ? {} : { frame }),
    nextSteps,
    cause,
  })
}
