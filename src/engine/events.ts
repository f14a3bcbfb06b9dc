import type { GwError } from '../errors.js'
import type { Holder } from '../model/lock.js'
import type { Outcome } from '../model/outcome.js'
import type { FleetPlan } from './plan.js'

/** Everything that the engine has to say while it runs. Hosts are given by name, times in milliseconds. */
export type EngineEvent =
  | {
      readonly type: 'run.started'
      readonly run: string
      readonly playbook: string
      readonly hosts: readonly string[]
      readonly check: boolean
    }
  | { readonly type: 'host.gathered'; readonly host: string; readonly ms: number }
  | { readonly type: 'plan.ready'; readonly plan: FleetPlan }
  | {
      readonly type: 'play.started'
      readonly play: string
      readonly changes: number
      readonly batches: readonly (readonly string[])[]
      /** True when hosts are proved after their tasks. */
      readonly trial: boolean
    }
  | {
      readonly type: 'task.started'
      readonly host: string
      readonly task: string
      readonly index: number
      readonly of: number
    }
  | {
      readonly type: 'task.ended'
      readonly host: string
      readonly task: string
      readonly outcome: Outcome
      readonly summary: string
      readonly ms: number
    }
  | { readonly type: 'step.started'; readonly host: string; readonly step: string }
  | {
      readonly type: 'step.ended'
      readonly host: string
      readonly step: string
      readonly outcome: Outcome
      readonly summary: string
      readonly ms: number
    }
  | { readonly type: 'host.failed'; readonly host: string; readonly error: GwError }
  | {
      readonly type: 'host.ended'
      readonly host: string
      readonly play: string
      readonly changed: number
      readonly ms: number
    }
  | { readonly type: 'play.ended'; readonly play: string }
  | {
      readonly type: 'lock.waiting'
      readonly host: string
      readonly holder: Holder
      readonly leftSeconds: number
    }
  | { readonly type: 'lock.taken-over'; readonly host: string; readonly holder: Holder }
  | { readonly type: 'run.stopping' }

export type EventSink = (event: EngineEvent) => void
