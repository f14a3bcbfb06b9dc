import type { EventSink } from '../engine/events.js'
import type { Reach } from '../engine/session.js'
import type { Gateway } from '../model/gateway.js'
import type { Host } from '../model/host.js'
import type { LoadTarget } from './load-target.js'
import type { DrillEvent, DrillSettings } from './report.js'
import type { ScenarioName } from './scenarios/names.js'
import type { Scenario } from './scenarios/scenario.js'

/** What a drill is to do, and with what. */
export interface DrillOptions {
  /** Id of the run, eight hexadecimal digits. */
  readonly run: string
  /** Who, from where: `alice@laptop`. */
  readonly by: string
  /** What was typed, without secrets. */
  readonly command: string
  readonly reason: string
  readonly gateway: Gateway
  /** All gateways. */
  readonly hosts: readonly Host[]
  /** Where requests come from; null for this machine. */
  readonly prober: Host | null
  readonly target: LoadTarget
  readonly reach: Reach
  readonly scenarios: readonly Scenario[]
  readonly settings: DrillSettings
  /** How long hosts go on without a word of this run, and how long it waits for their locks, in milliseconds. */
  readonly leaseMs: number
  readonly lockWaitMs: number
  /** Ends the scenario that is under way, which is undone. */
  readonly stop: AbortSignal
  /** Ends everything at once: hosts undo alone. */
  readonly abandon: AbortSignal
  /** Hears of locks. */
  readonly emit: EventSink
  readonly listener: DrillListener
}

/** Who watches a drill. */
export interface DrillListener {
  /** A scenario begins. */
  scenario(name: ScenarioName): void
  /** Something was done or found out; `at` is in milliseconds since 1970. */
  event(event: DrillEvent): void
}
