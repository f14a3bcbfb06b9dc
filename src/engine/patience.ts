import { within } from '../connection/deadline.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'

/** How long a host has for a piece of work, and what ends it before. */
interface Patience {
  readonly ms: number
  readonly signal: AbortSignal
}

/**
 * Does what a host must answer in its time. `work` says by `reached` that the host has given a sign of life, and frees what it
 * holds when its signal fires.
 * @throws GwError DEADLINE_PASSED when the time is over and the host was not reached, REPLY_LATE when it was, INTERRUPTED
 *   when the outer signal fires, or what `work` throws
 */
export async function patiently<T>(
  host: Host,
  { ms, signal }: Patience,
  work: (stop: AbortSignal, reached: () => void) => Promise<T>,
): Promise<T> {
  const life = { seen: false }
  const reached = () => {
    life.seen = true
  }
  const bounds = {
    ms,
    signal,
    late: () => (life.seen ? answerLate(host, ms) : hostLate(host, ms)),
    interrupted: () =>
      new GwError('INTERRUPTED', 'interrupted before the host answered', { host: host.name }),
  }
  try {
    return await within(bounds, (stop) => work(stop, reached))
  } catch (error) {
    if (life.seen && error instanceof GwError && error.code === 'DEADLINE_PASSED') throw asReplyLate(error)
    throw error
  }
}

/** Of a host that let us in, and whose shell or sudo then said nothing. */
function asReplyLate({ message, host, nextSteps }: GwError): GwError {
  return new GwError('REPLY_LATE', message, { ...(host === undefined ? {} : { host }), nextSteps })
}

const MORE_TIME = 'With --timeout a slow host gets more time.'

function hostLate({ name, connection: { user, address, port } }: Host, ms: number): GwError {
  return new GwError('DEADLINE_PASSED', `the host did not answer within ${ms / 1000} s`, {
    host: name,
    nextSteps: [`ssh -v -p ${port} ${user}@${address} true`, MORE_TIME],
  })
}

function answerLate({ name }: Host, ms: number): GwError {
  return new GwError('REPLY_LATE', `the host was reached, but had not said all within ${ms / 1000} s`, {
    host: name,
    nextSteps: [`gw exec ENV ${name} -- 'uptime; dmesg | tail'`, MORE_TIME],
  })
}
