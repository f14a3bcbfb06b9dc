import { type FleetPlan, type HostPlan, type PlannedTask } from '../engine/plan.js'
import { cleanLine } from '../shell/clean.js'
import { colourDiff, unifiedDiff } from './diff.js'
import type { Terminal } from './terminal.js'
import { indent } from './text.js'

type Paint = Terminal['paintOut']

/** A change, or one file of it: hosts of which only some files are alike share those. */
interface Entry {
  readonly line: string
  readonly diff: string | null
  /** True for what a task shows first. */
  readonly first: boolean
}

interface Section {
  readonly hosts: string
  readonly entries: Entry[]
}

/** What will change and what cannot, task by task, with diffs. What hosts have in common stands once under their names. */
export function planText(plan: FleetPlan, paint: Paint): string {
  const sections: Section[] = []
  for (const { entry, hosts } of sharedEntries(plan, paint)) {
    const last = sections.at(-1)
    if (last?.hosts === hosts.join(', ')) last.entries.push(entry)
    else sections.push({ hosts: hosts.join(', '), entries: [entry] })
  }
  const unchanged = plan.hosts.filter((host) => entriesOf(host, paint).length === 0).map(({ host }) => host)
  return [
    ...sections.map(({ hosts, entries }) => [paint('bold', hosts), ...entries.flatMap(entryText)].join('\n')),
    ...(unchanged.length > 0 ? [`${paint('bold', unchanged.join(', '))}\n  nothing to change`] : []),
  ].join('\n')
}

/** The line of a task stands before the first of its diffs in a section. */
function entryText({ line, diff, first }: Entry, index: number, section: readonly Entry[]): string[] {
  const head = first || section[index - 1]?.line !== line ? [line] : []
  return diff === null ? head : [...head, indent(diff, '      ')]
}

function sharedEntries(plan: FleetPlan, paint: Paint): Iterable<{ entry: Entry; hosts: readonly string[] }> {
  const shared = new Map<string, { entry: Entry; hosts: readonly string[] }>()
  for (const host of plan.hosts) {
    const seen = new Map<string, number>()
    for (const entry of entriesOf(host, paint)) {
      const text = `${entry.line}\n${entry.diff ?? ''}`
      // Two tasks of a host may read the same and are still two.
      const key = `${seen.get(text) ?? 0} ${text}`
      seen.set(text, (seen.get(text) ?? 0) + 1)
      shared.set(key, { entry, hosts: [...(shared.get(key)?.hosts ?? []), host.host] })
    }
  }
  return shared.values()
}

function entriesOf({ plays }: HostPlan, paint: Paint): Entry[] {
  return plays.flatMap((play) => play.tasks).flatMap((planned) => taskEntries(planned, paint))
}

function taskEntries({ task, decision }: PlannedTask, paint: Paint): Entry[] {
  if (decision.kind === 'ok') return []
  const line =
    decision.kind === 'change'
      ? `  ${paint('yellow', '~')} ${task.name}: ${cleanLine(decision.summary)}`
      : `  ${paint('red', '!')} ${task.name} cannot be done: ${cleanLine(decision.reason)}`
  const diffs = (decision.diffs ?? []).map((diff) => colourDiff(unifiedDiff(diff), paint))
  if (diffs.length === 0) return [{ line, diff: null, first: true }]
  return diffs.map((diff, index) => ({ line, diff, first: index === 0 }))
}
