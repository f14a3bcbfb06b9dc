import type { Reach } from '../engine/session.js'
import type { Host } from '../model/host.js'
import type { ClockOffset } from './report.js'

/** Something that a host saw. `at` is in milliseconds since 1970 by this machine's clock. */
export type HostEvent = { readonly host: string; readonly at: number } & (
  | { readonly kind: 'address'; readonly holds: boolean }
  | { readonly kind: 'vrrp'; readonly state: string }
  | { readonly kind: 'arp'; /** Who said that it has the virtual IP. */ readonly mac: string }
)

export interface SamplerOptions {
  readonly reach: Reach
  /** The virtual IP, and the interface that it is on. */
  readonly address: string
  readonly interface: string
  /** For how long at most, whatever becomes of this end, in milliseconds. */
  readonly forMs: number
  /** Hears of each address event as it comes, by a clock that is only roughly this machine's. */
  readonly onEvent: (event: HostEvent) => void
}

/** Looks on a host at who has the virtual IP and what is said of it, as it happens, over a connection of its own. */
export class HostSampler {
  /** Answers once the host looks. @throws GwError why it cannot */
  static start(_host: Host, _options: SamplerOptions): Promise<HostSampler> {
    return Promise.reject(new Error('not made yet'))
  }

  /** Null before anything is known. */
  get clock(): ClockOffset | null {
    return null
  }

  /** Ends the looking; all that was seen, in order, with the clock set right. A host that was lost tells what it had told. */
  stop(): Promise<readonly HostEvent[]> {
    return Promise.resolve([])
  }
}
