import type { VirtualIp, VrrpProfile } from '../model/gateway.js'
import type { GatewaySettings } from './schema-gateway.js'

/** How the adverts of a virtual IP go. */
export type Adverts = Pick<VirtualIp, 'profile' | 'advertIntervalMs' | 'downAdverts' | 'unicast'>

/** A virtual machine stands still for longer than a metal one is late, and clouds carry no multicast. */
const PROFILES: Readonly<Record<VrrpProfile, Omit<Adverts, 'profile'>>> = {
  fast: { advertIntervalMs: 50, downAdverts: 3, unicast: false },
  steady: { advertIntervalMs: 100, downAdverts: 5, unicast: false },
  cloud: { advertIntervalMs: 100, downAdverts: 10, unicast: true },
}

/** What the profile says, but for what is written under `vip`. */
export function advertsOf({ vip, vrrp: { profile } }: Pick<GatewaySettings, 'vip' | 'vrrp'>): Adverts {
  const { advertIntervalMs, downAdverts, unicast } = PROFILES[profile]
  return {
    profile,
    advertIntervalMs: vip.advert_interval ?? advertIntervalMs,
    downAdverts,
    unicast: vip.unicast ?? unicast,
  }
}
