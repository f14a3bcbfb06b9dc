import { setTimeout as pause } from 'node:timers/promises'
import { ownerText } from '../engine/lock/scripts.js'
import type { TrialHost } from '../engine/trial.js'
import { GwError } from '../errors.js'
import { addressHeld } from '../facts/address.js'
import { ask } from '../facts/fact.js'
import { lockState } from '../facts/lock-state.js'
import { releaseStore } from '../facts/release-store.js'
import { isActive, unitState } from '../facts/unit.js'
import type { Gateway } from '../model/gateway.js'
import type { LockState } from '../model/lock.js'
import type { TrialState } from '../model/release-store.js'
import { STATE } from '../model/state-paths.js'
import { cleanLine } from '../shell/clean.js'
import { fitnessQuestion, GATEWAY_FOLDERS, whyUnfit, type Condition } from './fitness.js'
import { healthAt, ownAddress } from './served.js'

/** A takeover is over after four at most (RFC 5798, 6.1), and two that have the address hear of each other with the next one. */
const SETTLING_ADVERTS = 10
const LONGEST_PAUSE_MS = 1000

interface Guarded {
  /** The run that asks. */
  readonly run: string
  readonly gateway: Pick<Gateway, 'domain' | 'virtualIp'>
  /** The releases that a peer may serve which is to take over: the one that is published, and the one before it. */
  readonly releases: readonly string[]
}

/** A gateway as it is now. */
interface Seen extends Pick<Condition, 'nginx' | 'keepalived' | 'fitness'> {
  readonly name: string
  readonly holds: boolean
  /** Its clock minus ours, in seconds; ours counts from this program's start. */
  readonly clock: number
  readonly lock: LockState | null
  readonly trial: TrialState | null
}

type SeenPeer = Seen & Pick<Condition, 'served'>

interface Unfit {
  readonly name: string
  readonly reasons: readonly string[]
}

/**
 * Refuses when `host` must not be changed now: while a gateway holds the virtual IP, another one must be able to carry it.
 * Any peer that is fit is that other, whether it holds the address or can take it. Answers in words what protects the change. A gateway without peers has nothing to be protected by.
 * @throws GwError PEER_UNFIT, or what asking `host` throws
 */
export async function guardPeers(
  host: TrialHost,
  peers: readonly TrialHost[],
  { gateway, releases, run }: Guarded,
): Promise<string> {
  if (peers.length === 0) return 'there is no other gateway'
  const { own, seen, unseen, holders } = await lookUntilSettled(host, peers, gateway)
  const { address } = gateway.virtualIp
  if (holders.length > 1) throw splitBrain(own.name, holders, address)
  if (holders.length === 0 && unseen.length === 0) return `no gateway holds ${address}`
  const judged = seen.map((peer) => {
    // What serves clients already need not serve what is published now.
    const demands = { releases: peer.holds ? null : releases, folders: GATEWAY_FOLDERS }
    const reasons = whyUnfit({ ...peer, clockSkew: peer.clock - own.clock }, demands)
    return { name: peer.name, holds: peer.holds, reasons: [...whyTaken(peer, run), ...reasons] }
  })
  const fit = judged.filter(({ reasons }) => reasons.length === 0)
  const protector = fit.find(({ holds }) => holds) ?? fit[0]
  if (protector !== undefined) {
    return `${protector.name} ${protector.holds ? 'holds' : 'can take'} ${address}`
  }
  throw peerUnfit(own.name, address, [...judged, ...unseen])
}

/** All gateways, each seen at a moment of its own. */
interface Sight {
  readonly own: Seen
  readonly seen: readonly SeenPeer[]
  readonly unseen: readonly Unfit[]
  /** Names of those that have the virtual IP. */
  readonly holders: readonly string[]
}

/**
 * While the address moves, two may be seen with it, or nobody: they are looked at again for as long as that may last.
 * keepalived that has just read a new advert interval takes the address, too, until it hears the holder.
 */
async function lookUntilSettled(
  host: TrialHost,
  peers: readonly TrialHost[],
  gateway: Guarded['gateway'],
): Promise<Sight> {
  const { advertIntervalMs } = gateway.virtualIp
  const end = performance.now() + SETTLING_ADVERTS * advertIntervalMs
  for (;;) {
    const sight = await lookAtAll(host, peers, gateway)
    const { own, seen, holders } = sight
    const couldMove = holders.length > 1 || [own, ...seen].some(({ keepalived }) => isActive(keepalived))
    if (holders.length === 1 || !couldMove || performance.now() > end) return sight
    await pause(Math.min(advertIntervalMs, LONGEST_PAUSE_MS))
  }
}

async function lookAtAll(
  host: TrialHost,
  peers: readonly TrialHost[],
  gateway: Guarded['gateway'],
): Promise<Sight> {
  const [own, ...others] = await Promise.all([
    look(host, gateway),
    ...peers.map((peer) => lookAtPeer(peer, gateway)),
  ])
  const seen = others.filter((other) => 'served' in other)
  const unseen = others.filter((other) => 'reasons' in other)
  const holders = [own, ...seen].filter(({ holds }) => holds).map(({ name }) => name)
  return { own, seen, unseen, holders }
}

/** A gateway that someone else changes may go at any moment. */
function whyTaken({ lock, trial }: Seen, run: string): string[] {
  const other = lock !== null && lock.leftSeconds > 0 && lock.holder.run !== run ? lock.holder : null
  return [
    ...(other === null ? [] : [`its lock is held by ${ownerText(other)}`]),
    ...(trial === null || trial.run === run
      ? []
      : [`it has ${cleanLine(trial.release)} on trial for run ${cleanLine(trial.run)}`]),
  ]
}

async function lookAtPeer(peer: TrialHost, gateway: Guarded['gateway']): Promise<SeenPeer | Unfit> {
  try {
    const [seen, served] = await Promise.all([look(peer, gateway), servedBy(peer, gateway)])
    return { ...seen, served }
  } catch (error) {
    if (!(error instanceof GwError)) throw error
    return { name: peer.host.name, reasons: [`it could not be asked: ${error.message}`] }
  }
}

async function look(host: TrialHost, gateway: Guarded['gateway']): Promise<Seen> {
  const { virtualIp } = gateway
  const questions = {
    holds: ask(addressHeld, { address: virtualIp.address }),
    nginx: ask(unitState, { name: 'nginx.service' }),
    keepalived: ask(unitState, { name: 'keepalived.service' }),
    fitness: fitnessQuestion(virtualIp),
    lock: ask(lockState, { paths: STATE }),
    store: ask(releaseStore, { paths: STATE }),
  }
  const answers = await host.ask(Object.values(questions))
  const at = performance.now() / 1000
  const fitness = answers.to(questions.fitness)
  return {
    name: host.host.name,
    holds: answers.to(questions.holds),
    nginx: answers.to(questions.nginx),
    keepalived: answers.to(questions.keepalived),
    fitness,
    clock: fitness.now - at,
    lock: answers.to(questions.lock).lock,
    trial: answers.to(questions.store).trial,
  }
}

async function servedBy(host: TrialHost, gateway: Guarded['gateway']): Promise<Condition['served']> {
  try {
    return await healthAt({ address: ownAddress(gateway, host), domain: gateway.domain }, host)
  } catch (error) {
    if (!(error instanceof GwError)) throw error
    return { instead: error.message }
  }
}

function peerUnfit(host: string, address: string, unfit: readonly Unfit[]): GwError {
  const why = unfit.map(({ name, reasons }) => `${name}: ${reasons.join('; ')}`)
  const message = `no other gateway could carry ${address}, so nothing was changed here`
  return new GwError('PEER_UNFIT', message, {
    host,
    frame: why.join('\n'),
    nextSteps: [
      ...unfit.map(({ name }) => `On ${name}, see: systemctl status nginx.service keepalived.service`),
      'With --allow-unprotected it is changed all the same; clients may then be without a gateway for a while.',
    ],
  })
}

function splitBrain(host: string, holders: readonly string[], address: string): GwError {
  const message = `split brain: ${holders.join(' and ')} hold ${address} at the same time, so nothing was changed here`
  return new GwError('PEER_UNFIT', message, {
    host,
    nextSteps: [
      `On ${holders.join(' and ')}, see why they do not hear each other: journalctl -u keepalived.service -n 20`,
      'VRRP is protocol 112: a firewall or a switch between them may drop it.',
    ],
  })
}
