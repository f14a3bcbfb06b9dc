import type { DrillPlan } from '../drill/drill.js'
import type { DrillOptions } from '../drill/drill-settings.js'
import { formatDuration } from '../inventory/duration.js'
import { armedWords, drillWords } from '../release/fleet-drills.js'
import { cleanLine } from '../shell/clean.js'

/** What a drill is going to do, before anybody is asked. */
export function drillPlanText(
  { scenarios, settings, gateway, prober }: DrillOptions,
  plan: DrillPlan,
): string {
  const { from, to } = plan
  const { address } = gateway.virtualIp
  const { maxOutageMs, holdMs, undoAfterMs, failback } = settings
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  return [
    ...standing(plan),
    `${from} has ${address}; ${to ?? 'another gateway'} would take it.`,
    ...scenarios.map(
      ({ name, summary, expects }) => `  ~ ${name.padEnd(width)}  ${summary}; it ${EXPECTED[expects]}`,
    ),
    `Each fault lasts for ${formatDuration(holdMs)} at most; hosts undo it by themselves after ${formatDuration(undoAfterMs)}.`,
    `It is undone at once when clients have no answer for ${formatDuration(maxOutageMs)}, or something else is not well.`,
    `Clients are ${prober === null ? 'on this machine' : `behind ${prober.name}`}.${failback ? ' The virtual IP is brought back after each.' : ''}`,
  ].join('\n')
}

const EXPECTED = {
  moves: 'is to move',
  stays: 'is to stay',
  splits: 'is to be with two gateways, and that is to be seen',
} as const

/** What hosts undid alone of drills before. What they have not undone yet is undone when this drill takes their locks. */
export function leftWarnings({ drills }: DrillPlan): string[] {
  const undone = Object.entries(drills).map(([host, { undone }]) => [host, { armed: null, undone }] as const)
  return drillWords(Object.fromEntries(undone)).map(cleanLine)
}

/** What they have not. */
function standing({ drills }: DrillPlan): string[] {
  return Object.entries(drills).flatMap(([host, { armed }]) =>
    armed === null ? [] : [`${cleanLine(armedWords(host, armed))}: that is undone first.`],
  )
}
