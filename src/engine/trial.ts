import type { Duplex } from 'node:stream'
import type { Answers, Question } from '../facts/fact.js'
import type { Host } from '../model/host.js'
import type { Script } from '../shell/script.js'
import { gather } from './gather.js'
import type { Play } from './playbook.js'
import type { HostSession } from './session.js'

/** A host that takes part in a trial, over the connection that the run has to it. */
export interface TrialHost {
  readonly host: Host
  /** Asks now. @throws GwError when the host cannot be reached */
  ask(questions: readonly Question<unknown>[]): Promise<Answers>
  /** A TCP connection to an address and port as this host reaches them. @throws GwError CONNECTION_REFUSED */
  forward(address: string, port: number): Promise<Duplex>
}

/** What is looked at around a play's changes on a host. Both answer what they found in a few words, or throw a GwError. */
export interface Watch {
  /** Refuses when `host` must not be changed now; `peers` are the other hosts of the play's group, also those outside the run. */
  guard(host: TrialHost, peers: readonly TrialHost[]): Promise<string>
  /** Proves from outside that the host's changes took effect. */
  prove(host: TrialHost, peers: readonly TrialHost[]): Promise<string>
}

/** How a play's changes are watched over. The play's tasks arm a host to undo them by itself; `confirm` makes them stay. */
export interface Trial extends Watch {
  /** The subject of the task by which a host is armed: a host on which it changed nothing needs no proof. */
  readonly subject: string
  /** Changes nothing, and fails when the host's changes cannot be confirmed (any more). */
  ready(host: Host): Script
  /** Makes the changes of a host stay; run over a connection made for it. */
  confirm(host: Host): Script
  /** Undoes the changes of a host that are not confirmed. Does nothing where nothing is to be undone. */
  revert(host: Host): Script
}

/** A play whose changes are watched over; the plays of a user's own are not, and need none of these types. */
export interface TrialPlay extends Play {
  readonly trial: Trial
}

/** A play whose changes are proved, and stay whatever is found: they are of a kind that is not undone. */
export interface WatchedPlay extends Play {
  readonly watch: Watch
}

export function isWatched(play: Play): play is WatchedPlay {
  return 'watch' in play
}

/** What looking before and after a change is called on its host. */
export const WATCH_STEPS = {
  guard: 'Make sure that another gateway can carry the address',
  prove: 'Prove it from outside',
} as const

export function isOnTrial(play: Play): play is TrialPlay {
  return 'trial' in play
}

/** A host as a trial sees it, over the connection of a session. */
export function trialHost(session: HostSession, signal?: AbortSignal): TrialHost {
  return {
    host: session.host,
    ask: (questions) => gather(session, questions, signal),
    forward: (address, port) => session.forward(address, port),
  }
}
