import type { Judgement, Verdict } from '../model/health.js'

/** What is judged of the machine that gw runs on, in its order. */
export const MACHINE_CHECKS = ['node', 'keys', 'clock'] as const
export type MachineCheckName = (typeof MACHINE_CHECKS)[number]

/** What is judged of a host, in its order: of one that is no gateway only what gw needs to get there and to work. */
export const HOST_CHECKS = [
  'login',
  'system',
  'packages',
  'disk',
  'memory',
  'clock',
  'interface',
  'ports',
  'forwarding',
] as const
export type HostCheckName = (typeof HOST_CHECKS)[number]

/** What is judged of the network between the gateways. */
export const NETWORK_CHECKS = ['vrrp'] as const
export type NetworkCheckName = (typeof NETWORK_CHECKS)[number]

export type Checks<Name extends string> = Readonly<Partial<Record<Name, Judgement>>>

/** What stands in the way of trusting an environment. */
export interface Diagnosis {
  readonly machine: Checks<MachineCheckName>
  /** In the order of the inventory; one that could not be asked has a login that fails, and nothing else. */
  readonly hosts: readonly { readonly host: string; readonly checks: Checks<HostCheckName> }[]
  /** Empty without a gateway, and when only some of the gateways were asked. */
  readonly network: Checks<NetworkCheckName>
  /** Fail when any check fails; else inconclusive when one is. */
  readonly verdict: Verdict
}
