import type { Answers } from '../facts/fact.js'
import type { Decision } from '../operations/operation.js'
import { cleanLine } from '../shell/clean.js'
import type { Play, Task } from './playbook.js'

/** A task with what it will do on one host. */
export interface PlannedTask {
  readonly task: Task
  readonly decision: Decision
}

/** What a play will do on one host. */
export interface PlayPlan {
  readonly play: string
  readonly tasks: readonly PlannedTask[]
}

/** The plans of one host, in the order of the plays that it takes part in. */
export interface HostPlan {
  readonly host: string
  readonly plays: readonly PlayPlan[]
}

/** The plans of every host whose facts could be gathered. */
export interface FleetPlan {
  readonly hosts: readonly HostPlan[]
}

/** Decides every task of every play in order; a later one may ask what the earlier ones will change. */
export function planPlays(
  plays: readonly { play: Play; tasks: readonly Task[] }[],
  answers: Answers,
): PlayPlan[] {
  const changing = new Set<string>()
  const planTask = (task: Task): PlannedTask => {
    const decision = cleaned(task.operation.decide(answers, { changes: (subject) => changing.has(subject) }))
    if (decision.kind === 'change') {
      for (const subject of [task.operation.subject, ...(decision.touches ?? [])]) changing.add(subject)
    }
    return { task, decision }
  }
  return plays.map(({ play, tasks }) => ({ play: play.name, tasks: tasks.map(planTask) }))
}

/** What a decision says may quote the host, and is shown on terminals: it is made safe here, once for all operations. */
function cleaned(decision: Decision): Decision {
  switch (decision.kind) {
    case 'ok':
      return { ...decision, reason: cleanLine(decision.reason) }
    case 'change':
      return { ...decision, summary: cleanLine(decision.summary) }
    case 'blocked':
      return { ...decision, reason: cleanLine(decision.reason), nextSteps: decision.nextSteps.map(cleanLine) }
  }
}

/** How many changes plays hold. */
export function countChanges(plays: readonly PlayPlan[]): number {
  return plays.flatMap((play) => play.tasks).filter(({ decision }) => decision.kind === 'change').length
}
