import { inTurns } from '../engine/in-turns.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { HostObserver, type ObserveOptions } from './host-observer.js'
import type { FleetObservation, HostObservation } from './observation.js'
import { GatewayProber } from './prober.js'

/** What was seen of the gateways, and why nothing was seen of the others. */
export interface Observed {
  readonly fleet: FleetObservation
  readonly errors: readonly GwError[]
}

/** Told of each host as soon as it has answered, or has not. */
export type ObservationListener = (host: string, seen: HostObservation | GwError) => void

interface FleetObserverOptions extends ObserveOptions {
  /** How many hosts are asked at once. */
  readonly forks: number
}

/**
 * Looks at the gateways of an environment, again and again if wanted, over connections that it keeps. A look changes
 * nothing. It costs a host one program, and for each thing that is tried a connection through its SSH.
 */
export class FleetObserver {
  readonly #options: FleetObserverOptions
  readonly #prober: GatewayProber
  readonly #observers: readonly HostObserver[]

  constructor(hosts: readonly Host[], options: FleetObserverOptions) {
    this.#options = options
    this.#prober = new GatewayProber(options.gateway, options.roots)
    this.#observers = hosts.map((host) => new HostObserver(host, this.#prober, options))
  }

  /** A host that hangs costs its time once, beside the others. @throws GwError INTERRUPTED */
  async observe(listener: ObservationListener = () => undefined): Promise<Observed> {
    const now = new Date()
    const address = this.#prober.addressFromHere()
    const seen = await inTurns(this.#observers, this.#options.forks, async (observer) => {
      const answer = await seenBy(observer)
      listener(observer.name, answer)
      return { name: observer.name, answer }
    })
    if (this.#options.signal.aborted) throw interrupted()
    const isLost = ({ answer }: (typeof seen)[number]) => answer instanceof GwError
    return {
      fleet: {
        hosts: seen.flatMap(({ answer }) => (answer instanceof GwError ? [] : [answer])),
        unreachable: seen.filter(isLost).map(({ name }) => name),
        address: await address,
        now,
      },
      errors: seen.flatMap(({ answer }) => (answer instanceof GwError ? [answer] : [])),
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#observers.map((observer) => observer.close()))
  }
}

function interrupted(): GwError {
  return new GwError('INTERRUPTED', 'interrupted while looking; nothing was changed', {
    nextSteps: ['`gw health ENV` looks again.'],
  })
}

async function seenBy(observer: HostObserver): Promise<HostObservation | GwError> {
  try {
    return await observer.observe()
  } catch (error) {
    if (error instanceof GwError) return error
    throw error
  }
}
