import type { EngineEvent } from '../engine/events.js'
import { countChanges, type FleetPlan } from '../engine/plan.js'
import { planHash } from '../engine/plan-hash.js'
import { GwError } from '../errors.js'
import { cleanLine } from '../shell/clean.js'

const LONGEST_TEXT = 2000

/**
 * What a journal keeps of an event: texts that are safe to print, of errors the code and the message, of a plan its hash.
 * Contents of files, diffs and what hosts printed stay out.
 */
export function journalFields(event: EngineEvent): Readonly<Record<string, unknown>> {
  if (event.type === 'plan.ready') return { type: event.type, ...planFields(event.plan) }
  return JSON.parse(JSON.stringify(event, brief)) as Record<string, unknown>
}

function planFields(plan: FleetPlan): { planHash: string; changes: Record<string, number> } {
  const changes = plan.hosts.map(({ host, plays }) => [host, countChanges(plays)] as const)
  return { planHash: planHash(plan), changes: Object.fromEntries(changes) }
}

/** For JSON.stringify. */
function brief(_key: string, value: unknown): unknown {
  if (value instanceof GwError) return { code: value.code, message: value.message }
  if (typeof value === 'string') return cleanLine(value.slice(0, LONGEST_TEXT))
  return typeof value === 'number' ? Math.round(value) : value
}
