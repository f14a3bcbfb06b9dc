import { allOf } from '../engine/all-of.js'
import type { DrillOptions } from './drill-settings.js'
import { HostSampler, type HostEvent } from './host-sampler.js'
import type { ClockOffset } from './report.js'
import { addressWords } from './words.js'

/** Looking may go on for so much longer than a fault lasts, in milliseconds. */
const MARGIN_MS = 15 * 60_000

/** What all gateways saw, in order. */
export interface Sights {
  readonly seen: readonly HostEvent[]
  readonly clocks: readonly ClockOffset[]
  /** Why what a gateway saw is missing; one for each of those. */
  readonly failures: readonly unknown[]
}

/** Looks on all gateways at who has the virtual IP. */
export class FleetSampler {
  readonly #samplers: readonly HostSampler[]
  readonly #holders: Set<string>
  #failures: readonly unknown[] = []

  private constructor(samplers: readonly HostSampler[], holders: Set<string>) {
    this.#samplers = samplers
    this.#holders = holders
  }

  /** Answers once every gateway looks. @throws GwError why one cannot */
  static async start(
    holder: string,
    { hosts, reach, gateway, settings, listener }: DrillOptions,
  ): Promise<FleetSampler> {
    const holders = new Set([holder])
    const { address, interface: device } = gateway.virtualIp
    const onEvent = (event: HostEvent): void => {
      if (event.kind !== 'address') return
      if (event.holds) holders.add(event.host)
      else holders.delete(event.host)
      listener.event({ at: event.at, host: event.host, kind: 'address', text: addressWords(event.holds) })
    }
    const forMs = settings.undoAfterMs + MARGIN_MS
    const options = { reach, address, interface: device, forMs, onEvent }
    const started = await Promise.allSettled(hosts.map((host) => HostSampler.start(host, options)))
    const samplers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const failed = started.find((each) => each.status === 'rejected')
    const fleet = new FleetSampler(samplers, holders)
    if (failed === undefined) return fleet
    await fleet.close()
    throw failed.reason
  }

  /** Who has the virtual IP now, as far as is known. */
  get holders(): ReadonlySet<string> {
    return this.#holders
  }

  /** A time by a host's clock, by this machine's. Both in milliseconds since 1970. */
  here(host: string, at: number): number {
    return at - (this.#clocks().find((clock) => clock.host === host)?.offsetMs ?? 0)
  }

  /** What a host saw of which it cannot be told, by a fault of gw's own, is missing; `close` throws why. */
  async stop(): Promise<Sights> {
    const ends = await Promise.allSettled(this.#samplers.map((sampler) => sampler.stop()))
    const seen = ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
    this.#failures = failures
    return { seen: seen.sort((one, other) => one.at - other.at), clocks: this.#clocks(), failures }
  }

  async close(): Promise<void> {
    await allOf(this.#samplers.map((sampler) => sampler.close()))
    if (this.#failures.length > 0) throw this.#failures[0]
  }

  #clocks(): ClockOffset[] {
    return this.#samplers.flatMap(({ clock }) => clock ?? [])
  }
}
