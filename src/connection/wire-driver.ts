import type { Endpoint, HostConnection } from '../model/host.js'
import { whenAborted } from './abort.js'
import type { Connection, ConnectionDriver, ConnectOptions, KeyScanner } from './connection.js'
import type { Forwarder } from './dial.js'
import { pause, within } from './deadline.js'
import { DroppedEarly } from './dropped-early.js'
import { connectDeadline, forHost, interrupted, lostWhileConnecting, type Peer } from './failures.js'
import { HopPool, type Hop, type HopLease, type HopRequest } from './hop-pool.js'
import type { HostKey } from './host-key.js'
import { readKnownHosts } from './known-hosts-files.js'
import { scanHostKey } from './scan.js'
import { Turns } from './turns.js'
import { WireConnection, type Wire } from './wire.js'

export interface DriverOptions {
  /** Name of the environment, for the commands that errors tell to type. */
  readonly environment: string
  /** Gives numbers from 0 to 1, to spread retries; Math.random when absent. */
  readonly random?: () => number
}

/** A wire that can also lead to hosts behind it. */
export interface HopWire extends Wire, Hop, Forwarder {
  readonly endpoint: Endpoint
  /** Makes sure that the connection still stands; `isLost` says the same from then on. */
  isAlive(): Promise<boolean>
}

/**
 * One attempt to reach and authenticate to `peer`, directly when `via` is null, else from the jump host `via`.
 * @throws GwError, DroppedEarly, or the signal's reason; then nothing is left behind.
 */
export type OpenWire<W extends HopWire> = (
  peer: Peer,
  via: W | null,
  timeoutMs: number,
  signal: AbortSignal,
) => Promise<W>

const MAX_STARTS = 25
const ATTEMPTS = 8
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 1000

type Attempt<T> = (signal: AbortSignal) => Promise<T>

/**
 * What both drivers have in common: at most 25 connections that start at once, a retry when a host drops one before
 * authentication, a deadline, and one shared connection to each jump host.
 */
export class WireDriver<W extends HopWire> implements ConnectionDriver, KeyScanner {
  readonly #starts = new Turns(MAX_STARTS)
  readonly #hops: HopPool<W>
  readonly #environment: string
  readonly #random: () => number

  constructor(
    private readonly open: OpenWire<W>,
    options: DriverOptions,
  ) {
    this.#environment = options.environment
    this.#random = options.random ?? (() => Math.random())
    this.#hops = new HopPool((endpoint, via, request, signal) =>
      this.#start(this.#peer(endpoint, request.host, true), via, request.timeoutMs, signal),
    )
  }

  connect(target: HostConnection, { host, signal }: ConnectOptions): Promise<Connection> {
    const request = { host, timeoutMs: target.connectTimeoutMs }
    return this.#behind(target.jump, request, signal, async (lease, stop) => {
      const wire = await this.#start(this.#peer(target, host, false), lease.hop, request.timeoutMs, stop)
      return new WireConnection(host, wire, () => lease.release())
    })
  }

  scan(chain: readonly Endpoint[], timeoutMs: number, { host, signal }: ConnectOptions): Promise<HostKey> {
    const last = chain.at(-1)
    if (last === undefined) throw new RangeError('there is nothing to scan')
    const request = { host, timeoutMs }
    return this.#behind(chain.slice(0, -1), request, signal, async (lease, stop) => {
      const peer = this.#peer(last, host, false)
      const key = await this.#bounded(peer, timeoutMs, stop, async (inner) =>
        scanHostKey(peer, lease.hop, await readKnownHosts(last.knownHosts), inner),
      )
      await lease.release()
      return key
    })
  }

  /** Holds the jump hosts of a chain while `work` runs, and on if it succeeds. */
  async #behind<T>(
    jump: readonly Endpoint[],
    request: HopRequest,
    signal: AbortSignal | undefined,
    work: (lease: HopLease<W>, stop: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { host } = request
    const stop = new AbortController()
    const onAbort = () => {
      stop.abort(interrupted(host))
    }
    if (signal !== undefined) whenAborted(signal, onAbort)
    if (signal?.aborted === true) onAbort()
    try {
      return await this.#overHops(jump, request, stop.signal, work)
    } catch (error) {
      throw forHost(error, host)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** A jump host's connection that was lost unnoticed until now is made anew, once. */
  async #overHops<T>(
    jump: readonly Endpoint[],
    request: HopRequest,
    signal: AbortSignal,
    work: (lease: HopLease<W>, stop: AbortSignal) => Promise<T>,
    retries = 1,
  ): Promise<T> {
    const lease = await this.#hops.acquire(jump, request, signal)
    try {
      return await work(lease, signal)
    } catch (error) {
      const isHopLost = lease.hop !== null && !(await lease.hop.isAlive())
      await lease.release()
      if (!isHopLost || retries === 0 || signal.aborted) throw error
    }
    return this.#overHops(jump, request, signal, work, retries - 1)
  }

  #peer(endpoint: Endpoint, host: string, isJump: boolean): Peer {
    return { host, environment: this.#environment, endpoint, isJump }
  }

  #start(peer: Peer, via: W | null, timeoutMs: number, signal: AbortSignal): Promise<W> {
    return this.#bounded(peer, timeoutMs, signal, (inner) => this.open(peer, via, timeoutMs, inner))
  }

  /** The time counts from the turn to start: hosts that wait behind black holes must not run out of it. */
  async #bounded<T>(peer: Peer, ms: number, signal: AbortSignal, attempt: Attempt<T>): Promise<T> {
    const done = await this.#starts.take(signal)
    try {
      const late = () => connectDeadline(peer, ms)
      const bounds = { ms, signal, late, interrupted: () => interrupted(peer.host) }
      return await within(bounds, (inner) => this.#persist(peer, attempt, inner))
    } finally {
      done()
    }
  }

  async #persist<T>(peer: Peer, once: Attempt<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(signal)
      } catch (error) {
        if (!(error instanceof DroppedEarly)) throw error
        if (attempt === ATTEMPTS) {
          const why = `closed the connection before authentication, ${ATTEMPTS} times in a row`
          throw lostWhileConnecting(peer, why, error.message)
        }
      }
      const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
      await pause(longest * (0.5 + this.#random()), signal)
    }
  }
}
