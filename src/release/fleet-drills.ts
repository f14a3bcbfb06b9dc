import { drillState, type ArmedDrill, type DrillState, type UndoneDrill } from '../facts/drill-state.js'
import { ask } from '../facts/fact.js'
import { STATE } from '../model/state-paths.js'

/** What drills have left on a host. */
export const DRILL = ask(drillState, { paths: STATE })

type Drills = Readonly<Record<string, DrillState>>

/** What drills have left on hosts, a line for each. */
export function drillWords(drills: Drills): string[] {
  return Object.entries(drills).flatMap(([host, { armed, undone }]) => [
    ...(armed === null ? [] : [armedWords(host, armed)]),
    ...(undone === null || isEnded(undone) ? [] : [undoneWords(host, undone)]),
  ])
}

/** Whether it was undone by what should undo it: its own run, or the boot of a host that was to reboot. */
export function isEnded({ by, scenario }: UndoneDrill): boolean {
  return by === 'gw' || (by === 'boot' && scenario === 'reboot')
}

export function armedWords(host: string, { run, scenario, leftSeconds }: ArmedDrill): string {
  const fault = `${host} is disturbed by ${scenario} of the drill ${run}`
  return leftSeconds < 0
    ? `${fault}, and should have undone it`
    : `${fault}, and undoes it within ${leftSeconds} s`
}

const UNDONE_BY: Readonly<Record<UndoneDrill['by'], string>> = {
  gw: 'by gw',
  host: 'by the host alone, when the time was over',
  boot: 'at boot',
  takeover: 'by the run that took the lock over',
}

export function undoneWords(host: string, { run, scenario, time, by }: UndoneDrill): string {
  return `the drill ${run} did not end: its ${scenario} on ${host} was undone at ${time} ${UNDONE_BY[by]}`
}

/** What undoes on a host what should have been undone there, as it is typed. */
export function undoDrillStep(host: string, typed: string): string {
  return `gw exec ${typed} ${host} -- sh /var/lib/gw/drill/undo gw`
}

/** What to type where a fault should have been undone. */
export function drillNextSteps(drills: Drills, typed: string): string[] {
  return Object.entries(drills).flatMap(([host, { armed }]) =>
    armed !== null && armed.leftSeconds < 0 ? [`${undoDrillStep(host, typed)} undoes it.`] : [],
  )
}
