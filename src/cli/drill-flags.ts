import { Flags } from '@oclif/core'
import type { DrillSettings } from '../drill/report.js'
import { SCENARIO_NAMES, type ScenarioName } from '../drill/scenarios/names.js'
import { durationFlag } from './duration-flag.js'
import { changeFlags } from './fleet-flags.js'

const { 'lock-wait': lockWait, lease, reason, yes, check } = changeFlags

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Flags of `gw failover-drill`. It is always for all gateways. */
export const drillFlags = {
  scenario: Flags.option({
    description:
      'Run this scenario; given again, the next one, or the same once more. Default: all but reboot.',
    options: SCENARIO_NAMES,
    multiple: true,
    helpValue: 'NAME',
  })(),
  'max-outage': durationFlag('max-outage', {
    description:
      'How long clients with new connections may be without an answer; beyond it all is undone at once.',
    default: SECOND,
    min: 20,
    max: 10 * MINUTE,
  }),
  rate: Flags.integer({
    description:
      'New connections a second, TCP and TLS each; half as many requests over open connections of each kind.',
    default: 100,
    min: 10,
    max: 1000,
  }),
  from: Flags.string({
    description: 'Send the requests through this host of the inventory, as it reaches the virtual IP.',
    helpValue: 'HOST',
  }),
  hold: durationFlag('hold', {
    description: 'How long a fault lasts at most, when nothing ends it before.',
    default: 5 * SECOND,
    min: SECOND,
    max: 10 * MINUTE,
  }),
  'undo-after': durationFlag('undo-after', {
    description: 'After how long hosts undo a fault by themselves; 3 s longer than --hold at least.',
    default: 30 * SECOND,
    min: 5 * SECOND,
    max: 60 * MINUTE,
  }),
  failback: Flags.boolean({
    description: 'Bring the virtual IP back after each scenario to the gateway that had it.',
    default: false,
  }),
  'lock-wait': lockWait,
  lease,
  reason,
  yes,
  check,
}

/** What was asked for. */
export interface DrillRequest {
  readonly environment: string | undefined
  readonly scenarios: readonly ScenarioName[]
  readonly settings: DrillSettings
  readonly lockWaitMs: number
  readonly leaseMs: number
  readonly reason: string
  readonly yes: boolean
  readonly check: boolean
}

interface ParsedFlags {
  readonly scenario?: readonly ScenarioName[] | undefined
  readonly 'max-outage': number
  readonly rate: number
  readonly from?: string | undefined
  readonly hold: number
  readonly 'undo-after': number
  readonly failback: boolean
  readonly 'lock-wait': number
  readonly lease: number
  readonly reason: string
  readonly yes: boolean
  readonly check: boolean
}

/** Scenarios as often, and in the order, as they were typed; nobody reboots a host for having said nothing. */
export function drillRequest(environment: string | undefined, flags: ParsedFlags): DrillRequest {
  const { scenario, reason, yes, check, rate, failback, hold: holdMs } = flags
  return {
    ...{ environment, reason, yes, check, lockWaitMs: flags['lock-wait'], leaseMs: flags.lease },
    scenarios: scenario ?? SCENARIO_NAMES.filter((name) => name !== 'reboot'),
    settings: {
      ...{ rate, failback, holdMs },
      maxOutageMs: flags['max-outage'],
      undoAfterMs: flags['undo-after'],
      from: flags.from ?? null,
    },
  }
}
