import { GwError } from '../errors.js'

/** The error of a certificate that cannot be served. Callers never put any of a key, nor a cause that read one, into it. */
export function refusal(message: string, ...nextSteps: string[]): GwError {
  return new GwError('CERTIFICATE_INVALID', message, { nextSteps })
}
