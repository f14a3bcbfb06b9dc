import type { Duplex } from 'node:stream'
import type { Answers, Question } from '../facts/fact.js'
import type { Host } from '../model/host.js'
import type { Script } from '../shell/script.js'

/** A host that takes part in a trial, over the connection that the run has to it. */
export interface TrialHost {
  readonly host: Host
  /** Asks now. @throws GwError when the host cannot be reached */
  ask(questions: readonly Question<unknown>[]): Promise<Answers>
  /** A TCP connection to an address and port as this host reaches them. @throws GwError CONNECTION_REFUSED */
  forward(address: string, port: number): Promise<Duplex>
}

/**
 * How a play's changes are watched over. The play's tasks arm a host to undo them by itself; `confirm` makes them stay.
 * All of them throw a GwError when the answer is no.
 */
export interface Trial {
  /** Refuses when `host` must not be changed now; `peers` are the other hosts of the play's group, also those outside the run. */
  guard(host: TrialHost, peers: readonly TrialHost[]): Promise<void>
  /** Proves from outside that the host's changes took effect. */
  prove(host: TrialHost, peers: readonly TrialHost[]): Promise<void>
  /** Makes the changes of a host stay; run over a connection made for it. */
  confirm(host: Host): Script
  /** Undoes the changes of a host that are not confirmed. Does nothing where nothing is to be undone. */
  revert(host: Host): Script
}
