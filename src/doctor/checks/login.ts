import type { GwError } from '../../errors.js'
import { error, judged } from '../../health/judgement.js'
import type { Judgement } from '../../model/health.js'

/** Whether gw gets to a host, and becomes root there; `failure` is why not. */
export function judgeLogin(failure: GwError | null): Judgement {
  return judged(failure === null ? [] : [error(failure.message, failure.nextSteps[0] ?? '')])
}
