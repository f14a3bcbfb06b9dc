/** The scenarios of a drill, by the names that are typed, in the order in which they are run. */
export const SCENARIO_NAMES = [
  'nginx-stopped',
  'nginx-killed',
  'nginx-hung',
  'keepalived-stopped',
  'keepalived-killed',
  'host-frozen',
  'peer-cut',
  'host-cut',
  'disk-full',
  'certificate-broken',
  'backend-lost',
  'pool-lost',
  'handover',
  'reboot',
] as const

export type ScenarioName = (typeof SCENARIO_NAMES)[number]
