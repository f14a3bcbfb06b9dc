import type { Endpoint } from '../model/host.js'
import { rejection } from './deadline.js'

/** A connection to a jump host that several targets share. */
export interface Hop {
  readonly isLost: boolean
  close(): Promise<void>
}

/** For which host a hop is opened first, and the time it may take in milliseconds. */
export interface HopRequest {
  readonly host: string
  readonly timeoutMs: number
}

/** Opens a hop: directly when `via` is null, else through the hop before it. */
type OpenHop<H extends Hop> = (
  endpoint: Endpoint,
  via: H | null,
  request: HopRequest,
  signal: AbortSignal,
) => Promise<H>

/** The last hop of a chain (null for no chain) until `release`, which closes hops that nobody uses any more. */
export interface HopLease<H extends Hop> {
  readonly hop: H | null
  release(): Promise<void>
}

interface SharedHop<H extends Hop> {
  readonly opening: Promise<H>
  readonly cancel: AbortController
  readonly before: HopLease<H>
  hop: H | null
  users: number
}

/** Keeps one connection a jump host, however many targets lie behind it. */
export class HopPool<H extends Hop> {
  readonly #shared = new Map<string, SharedHop<H>>()

  constructor(private readonly open: OpenHop<H>) {}

  /** @throws what `open` throws, or the signal's reason; then nothing is held. */
  async acquire(chain: readonly Endpoint[], request: HopRequest, signal: AbortSignal): Promise<HopLease<H>> {
    if (chain.length === 0) return { hop: null, release: () => Promise.resolve() }
    const key = JSON.stringify(chain)
    let shared = this.#shared.get(key)
    if (shared === undefined || shared.hop?.isLost === true) {
      shared = this.#start(chain, request)
      this.#shared.set(key, shared)
    }
    const used = shared
    used.users++
    let released = false
    const release = async () => {
      if (released) return
      released = true
      await this.#leave(key, used)
    }
    try {
      return { hop: await Promise.race([used.opening, rejection(signal)]), release }
    } catch (error) {
      await release()
      throw error
    }
  }

  #start(chain: readonly Endpoint[], request: HopRequest): SharedHop<H> {
    const cancel = new AbortController()
    const before = this.acquire(chain.slice(0, -1), request, cancel.signal)
    const last = chain.at(-1)
    if (last === undefined) throw new RangeError('an empty chain has no hop to start')
    const opening = before.then(({ hop }) => this.open(last, hop, request, cancel.signal))
    opening.catch(() => undefined)
    const shared: SharedHop<H> = {
      opening,
      cancel,
      before: { hop: null, release: async () => (await before.catch(() => null))?.release() },
      hop: null,
      users: 0,
    }
    void opening.then(
      (hop) => {
        shared.hop = hop
      },
      () => undefined,
    )
    return shared
  }

  async #leave(key: string, shared: SharedHop<H>): Promise<void> {
    shared.users--
    if (shared.users > 0) return
    if (this.#shared.get(key) === shared) this.#shared.delete(key)
    shared.cancel.abort(new Error('no target needs this jump host any more'))
    const hop = await shared.opening.catch(() => null)
    await hop?.close()
    await shared.before.release()
  }
}
