import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { ForwardingForbidden } from '../connection/connection.js'
import type { TrialHost } from '../engine/trial.js'
import { GwError, type ErrorCode } from '../errors.js'
import { addressHeld } from '../facts/address.js'
import { ask, type Question } from '../facts/fact.js'
import type { Gateway } from '../model/gateway.js'
import { openHere } from '../probe/open.js'
import { askHealth, type HealthAnswer } from './health.js'

interface Proof {
  readonly gateway: Pick<Gateway, 'domain' | 'virtualIp'>
  /** The release that must answer. */
  readonly release: string
  /** For how long another answer is no failure yet, in milliseconds; 5000 when absent. */
  readonly deadlineMs?: number
}

const HTTPS = 443
const DEADLINE_MS = 5000
const PAUSE_MS = 50

/** The longest that one answer is waited for: a gateway that is well answers within a few milliseconds. */
const ANSWER_MS = 2000

/** What may still change by itself: NGINX starts to listen, or an old worker stops. */
export const PASSING: readonly ErrorCode[] = ['RELEASE_NOT_SERVED', 'CONNECTION_REFUSED', 'DEADLINE_PASSED']

/**
 * Proves that clients of `host` get the release: on its own address, and when it holds the virtual IP through that as
 * well, by way of a peer if one can be asked. Answers in words what was proved.
 * @throws GwError RELEASE_NOT_SERVED with what was seen last, or what the connection to the host throws
 */
export async function proveServed(
  host: TrialHost,
  peers: readonly TrialHost[],
  { gateway, release, deadlineMs = DEADLINE_MS }: Proof,
): Promise<string> {
  const { domain, virtualIp } = gateway
  const held = ask(addressHeld, { address: virtualIp.address })
  const holders = [host, ...peers].map((each) => holds(each, held))
  const end = performance.now() + deadlineMs
  const shown = (address: string, way: TrialHost) =>
    shownBefore(end, release, () => healthAt({ address, domain }, way)).catch((error: unknown) => {
      throw unproved(error, { host: host.host.name, address, domain, release, deadlineMs })
    })
  await shown(ownAddress(gateway, host), host)
  const [own, ...others] = await Promise.all(holders)
  if (own instanceof GwError) throw own
  if (own !== true) return `${release} answers on its own address`
  // A peer that holds the address as well would answer itself.
  const way = peers.find((_peer, index) => others[index] === false) ?? host
  await shown(virtualIp.address, way)
  return `${release} answers on its own address and through ${virtualIp.address}`
}

/** Whether a host has the address; its error when it cannot be asked. */
export async function holds(host: TrialHost, held: Question<boolean>): Promise<boolean | GwError> {
  try {
    return (await host.ask([held])).to(held)
  } catch (error) {
    if (error instanceof GwError) return error
    throw error
  }
}

/** Where a gateway is asked itself, by whatever host. */
export function ownAddress({ virtualIp }: Pick<Gateway, 'virtualIp'>, { host }: TrialHost): string {
  return virtualIp.addresses[host.name] ?? host.connection.address
}

interface Place {
  readonly address: string
  readonly domain: string
}

/**
 * Asks, by way of a host, for the health of whoever has the address.
 * @throws GwError RELEASE_NOT_SERVED, or why there was no connection to it
 */
export async function healthAt({ address, domain }: Place, way: TrialHost): Promise<HealthAnswer> {
  return askHealth(await streamFrom(way, address), { domain, timeoutMs: ANSWER_MS })
}

/** From the host itself; where its sshd forbids that, from here. */
async function streamFrom(way: TrialHost, address: string): Promise<Duplex> {
  try {
    return await way.forward(address, HTTPS)
  } catch (error) {
    if (!(error instanceof ForwardingForbidden)) throw error
    return openHere(address, HTTPS, ANSWER_MS)().catch(() => {
      throw error
    })
  }
}

/** Asks again, over new connections, until the release answers. @throws GwError what came last before `end` */
async function shownBefore(end: number, release: string, health: () => Promise<HealthAnswer>): Promise<void> {
  await triedUntil(end, PASSING, async () => {
    const answer = await health()
    if (answer.release !== release)
      throw new GwError('RELEASE_NOT_SERVED', `release ${answer.release} answers`)
  })
}

/** Looks again while what is the matter may still pass, until `end` as `performance.now` has it. @throws what came last */
export async function triedUntil<Found>(
  end: number,
  passing: readonly ErrorCode[],
  look: () => Promise<Found>,
): Promise<Found> {
  for (;;) {
    try {
      return await look()
    } catch (error) {
      const mayPass = error instanceof GwError && passing.includes(error.code)
      if (!mayPass || performance.now() + PAUSE_MS > end) throw error
    }
    await pause(PAUSE_MS)
  }
}

interface Unproved extends Place {
  readonly host: string
  readonly release: string
  readonly deadlineMs: number
}

function unproved(error: unknown, { host, address, domain, release, deadlineMs }: Unproved): unknown {
  if (!(error instanceof GwError) || !PASSING.includes(error.code)) return error
  const message = `${release} did not answer at ${address} within ${deadlineMs} ms: ${error.message}`
  return new GwError('RELEASE_NOT_SERVED', message, {
    host,
    nextSteps: [
      `curl -k --resolve ${domain}:${HTTPS}:${address} https://${domain}/health shows on the host what answers there.`,
      'journalctl -u nginx.service -n 20 shows on the host what NGINX said.',
      ...(error instanceof ForwardingForbidden ? error.nextSteps : []),
    ],
    cause: error,
  })
}
