import { createHash } from 'node:crypto'
import type { FleetPlan } from './plan.js'

/**
 * The sha256 of what a plan will do, hexadecimal: host, play, task, summary and script of every change. Secrets travel as
 * a change's input, never in its script, so that nothing about them can be read from it.
 */
export function planHash({ hosts }: FleetPlan): string {
  const changes = hosts.flatMap(({ host, plays }) =>
    plays.flatMap(({ play, tasks }) =>
      tasks.flatMap(({ task, decision }) =>
        decision.kind === 'change' ? [[host, play, task.name, decision.summary, decision.script.text]] : [],
      ),
    ),
  )
  return createHash('sha256').update(JSON.stringify(changes)).digest('hex')
}
