import { setTimeout as pause } from 'node:timers/promises'
import { ownerText } from '../engine/lock/scripts.js'
import type { TrialHost } from '../engine/trial.js'
import { GwError } from '../errors.js'
import { addressHeld } from '../facts/address.js'
import { ask, type Answers } from '../facts/fact.js'
import { lockState } from '../facts/lock-state.js'
import { releaseStore } from '../facts/release-store.js'
import { isActive, unitState } from '../facts/unit.js'
import { longestTakeoverMs, type Gateway } from '../model/gateway.js'
import type { LockState } from '../model/lock.js'
import type { TrialState } from '../model/release-store.js'
import { STATE } from '../model/state-paths.js'
import { cleanLine } from '../shell/clean.js'
import { fitnessQuestion, type Condition } from './fitness.js'
import { healthAt, ownAddress } from './served.js'

const LONGEST_PAUSE_MS = 1000

/** A gateway as it is now. */
export interface Seen extends Pick<Condition, 'nginx' | 'keepalived' | 'fitness'> {
  readonly name: string
  readonly holds: boolean
  readonly lock: LockState | null
  readonly trial: TrialState | null
}

/** One that was asked over a connection; `clock` is its own minus ours, in seconds, and ours counts from this program's start. */
export interface SeenNow extends Seen {
  readonly clock: number
}

export type SeenPeer = SeenNow & Pick<Condition, 'served'>

/** Why a gateway cannot carry the virtual IP, or why nothing is known of it. */
export interface Unfit {
  readonly name: string
  readonly reasons: readonly string[]
}

/** All gateways, each seen at a moment of its own. */
export interface Sight {
  readonly own: SeenNow
  readonly seen: readonly SeenPeer[]
  readonly unseen: readonly Unfit[]
  /** Names of those that have the virtual IP. */
  readonly holders: readonly string[]
}

type Looked = Pick<Gateway, 'domain' | 'virtualIp'>

/** What a gateway is asked to be seen. */
export function sightQuestions({ virtualIp }: Pick<Gateway, 'virtualIp'>) {
  return {
    holds: ask(addressHeld, { address: virtualIp.address }),
    nginx: ask(unitState, { name: 'nginx.service' }),
    keepalived: ask(unitState, { name: 'keepalived.service' }),
    fitness: fitnessQuestion(virtualIp),
    lock: ask(lockState, { paths: STATE }),
    store: ask(releaseStore, { paths: STATE }),
  }
}

/** A gateway as it answered `sightQuestions`. */
export function seenIn(name: string, answers: Answers, gateway: Pick<Gateway, 'virtualIp'>): Seen {
  const questions = sightQuestions(gateway)
  return {
    name,
    holds: answers.to(questions.holds),
    nginx: answers.to(questions.nginx),
    keepalived: answers.to(questions.keepalived),
    fitness: answers.to(questions.fitness),
    lock: answers.to(questions.lock).lock,
    trial: answers.to(questions.store).trial,
  }
}

/**
 * While the address moves, two may be seen with it, or nobody: they are looked at again for as long as that may last.
 * keepalived that has just read a new advert interval takes the address, too, until it hears the holder.
 */
export async function lookUntilSettled(
  host: TrialHost,
  peers: readonly TrialHost[],
  gateway: Looked,
): Promise<Sight> {
  const { virtualIp } = gateway
  const { advertIntervalMs } = virtualIp
  // Two that have the address hear of each other with the next advert; all of it twice, as the looks take time, too.
  const end = performance.now() + 2 * (longestTakeoverMs(virtualIp) + advertIntervalMs)
  for (;;) {
    const sight = await lookAtAll(host, peers, gateway)
    const { own, seen, holders } = sight
    const couldMove = holders.length > 1 || [own, ...seen].some(({ keepalived }) => isActive(keepalived))
    if (holders.length === 1 || !couldMove || performance.now() > end) return sight
    await pause(Math.min(advertIntervalMs, LONGEST_PAUSE_MS))
  }
}

async function lookAtAll(host: TrialHost, peers: readonly TrialHost[], gateway: Looked): Promise<Sight> {
  const [own, ...others] = await Promise.all([
    look(host, gateway),
    ...peers.map((peer) => lookAtPeer(peer, gateway)),
  ])
  const seen = others.filter((other) => 'served' in other)
  const unseen = others.filter((other) => 'reasons' in other)
  const holders = [own, ...seen].filter(({ holds }) => holds).map(({ name }) => name)
  return { own, seen, unseen, holders }
}

/** A gateway and what it serves; why not, when it cannot be asked. */
export async function lookAtPeer(peer: TrialHost, gateway: Looked): Promise<SeenPeer | Unfit> {
  try {
    const [seen, served] = await Promise.all([look(peer, gateway), servedBy(peer, gateway)])
    return { ...seen, served }
  } catch (error) {
    if (!(error instanceof GwError)) throw error
    return { name: peer.host.name, reasons: [`it could not be asked: ${error.message}`] }
  }
}

/** A gateway that someone else changes may go at any moment. */
export function whyTaken({ lock, trial }: Seen, run: string): string[] {
  return [
    ...(isOthers(lock, run) ? [`its lock is held by ${ownerText(lock.holder)}`] : []),
    ...(trial === null || trial.run === run
      ? []
      : [`it has ${cleanLine(trial.release)} on trial for run ${cleanLine(trial.run)}`]),
  ]
}

/** Whether another run, or a person, may change a host now. */
export function isOthers(lock: LockState | null, run: string): lock is LockState {
  return lock !== null && lock.leftSeconds > 0 && lock.holder.run !== run
}

async function look(host: TrialHost, gateway: Looked): Promise<SeenNow> {
  const answers = await host.ask(Object.values(sightQuestions(gateway)))
  const at = performance.now() / 1000
  const seen = seenIn(host.host.name, answers, gateway)
  return { ...seen, clock: seen.fitness.now - at }
}

async function servedBy(host: TrialHost, gateway: Looked): Promise<Condition['served']> {
  try {
    return await healthAt({ address: ownAddress(gateway, host), domain: gateway.domain }, host)
  } catch (error) {
    if (!(error instanceof GwError)) throw error
    return { instead: error.message }
  }
}
