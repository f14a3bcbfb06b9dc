import type { TrialHost } from '../engine/trial.js'
import { GwError, type ErrorCode } from '../errors.js'
import { addressHeld } from '../facts/address.js'
import { ask } from '../facts/fact.js'
import { nodeName } from '../facts/node-name.js'
import { vrrpState } from '../facts/vrrp-state.js'
import { longestTakeoverMs, type Gateway } from '../model/gateway.js'
import { GATEWAY_FOLDERS, whyUnfit } from '../release/fitness.js'
import { isNode } from '../release/health-answer.js'
import { lookAtPeer } from '../release/peer-sight.js'
import { healthAt, holds, PASSING, triedUntil } from '../release/served.js'
import { VRRP_INSTANCE } from '../render/keepalived/configuration.js'
import { cleanLine } from '../shell/clean.js'

interface Proving extends Pick<Gateway, 'domain' | 'virtualIp'> {
  /** For how long something may not be so yet, beyond what VRRP takes, in milliseconds; 10 000 when absent. */
  readonly patienceMs?: number
}

/** Hosts are busy, and so are we. */
const PATIENCE_MS = 10_000

const MAY_PASS: readonly ErrorCode[] = [...PASSING, 'HANDOVER_INCOMPLETE']

/**
 * Waits until exactly one gateway has the virtual IP that `from` gave away, and proves by a request through it that this one
 * answers. Answers its name.
 * @throws GwError HANDOVER_UNDONE when it came back to `from`, HANDOVER_INCOMPLETE when it is with nobody, with several, or with one that does not answer
 */
export async function proveTakeover(
  from: TrialHost,
  peers: readonly TrialHost[],
  gateway: Proving,
): Promise<string> {
  const { patienceMs = PATIENCE_MS, virtualIp } = gateway
  const { address, advertIntervalMs } = virtualIp
  // Two that took it at once hear so from the next adverts.
  const vrrpMs = longestTakeoverMs(virtualIp) + 2 * advertIntervalMs
  const holder = await soon(patienceMs + vrrpMs, () => onlyHolder([from, ...peers], address))
  // One that has the address would answer itself.
  const way = holder === from ? (peers[0] ?? from) : from
  await soon(patienceMs, () => answersThrough(holder, way, gateway))
  if (holder !== from) return holder.host.name
  const message = `nobody took ${address}, so it came back here and is served as before`
  throw new GwError('HANDOVER_UNDONE', message, {
    host: from.host.name,
    nextSteps: [
      'gw health ENV says whether another gateway could take it.',
      'On the others, see: journalctl -u keepalived.service -n 20',
    ],
  })
}

/**
 * Waits until `from` stands by again: its keepalived is BACKUP, and it could carry the virtual IP.
 * @throws GwError HANDOVER_INCOMPLETE with why not
 */
export async function proveStandby(from: TrialHost, gateway: Proving): Promise<void> {
  await soon(gateway.patienceMs ?? PATIENCE_MS, async () => {
    const reasons = [...(await whyNoBackup(from)), ...(await whyNoPeer(from, gateway))]
    if (reasons.length === 0) return
    throw incomplete(`it does not stand by again: ${reasons.join('; ')}`, from.host.name)
  })
}

async function onlyHolder(hosts: readonly TrialHost[], address: string): Promise<TrialHost> {
  const held = ask(addressHeld, { address })
  const asked = await Promise.all(hosts.map((host) => holds(host, held)))
  const holders = hosts.filter((_host, index) => asked[index] === true)
  const [holder, ...others] = holders
  if (holder !== undefined && others.length === 0) return holder
  const unasked = asked.flatMap((answer) => (answer instanceof GwError ? [answer.message] : []))
  const who = holder === undefined ? 'no gateway has' : `${namesOf(holders)} have`
  throw incomplete([`${who} ${address}`, ...unasked].join('; '))
}

async function answersThrough(
  holder: TrialHost,
  way: TrialHost,
  { domain, virtualIp: { address } }: Proving,
): Promise<void> {
  const question = ask(nodeName, {})
  const name = (await holder.ask([question])).to(question)
  const { node } = await healthAt({ address, domain }, way)
  // A release may not tell who answers.
  if (node === null || isNode(node, name)) return
  throw incomplete(`${holder.host.name} has ${address}, but through it ${cleanLine(node)} answers`)
}

async function whyNoBackup(from: TrialHost): Promise<string[]> {
  const question = ask(vrrpState, {})
  const vrrp = (await from.ask([question])).to(question)
  const state = vrrp?.instances.find(({ name }) => name === VRRP_INSTANCE)?.state
  if (state === 'BACKUP') return []
  return [state === undefined ? 'its keepalived does not tell its state' : `its keepalived is in ${state}`]
}

async function whyNoPeer(from: TrialHost, gateway: Proving): Promise<readonly string[]> {
  const seen = await lookAtPeer(from, gateway)
  if ('reasons' in seen) return seen.reasons
  return whyUnfit({ ...seen, clockSkew: 0 }, { releases: null, folders: GATEWAY_FOLDERS })
}

/** Tries again while it may still become so. @throws GwError what came last */
async function soon<Found>(ms: number, look: () => Promise<Found>): Promise<Found> {
  try {
    return await triedUntil(performance.now() + ms, MAY_PASS, look)
  } catch (error) {
    throw error instanceof GwError && PASSING.includes(error.code)
      ? incomplete(error.message, error.host)
      : error
  }
}

function incomplete(message: string, host?: string): GwError {
  return new GwError('HANDOVER_INCOMPLETE', message, {
    ...(host === undefined ? {} : { host }),
    nextSteps: [
      'gw health ENV says what is wrong.',
      'gw failover ENV hands it over again, to another gateway or back.',
    ],
  })
}

function namesOf(hosts: readonly TrialHost[]): string {
  return hosts.map(({ host }) => host.name).join(' and ')
}
