import type { FleetPlan } from '../engine/plan.js'
import { countChanged, type RunReport } from '../engine/report.js'
import { GwError, isUnreachable } from '../errors.js'
import { planText } from '../ui/plan-text.js'
import { counted, recapText, seconds, tasksText } from '../ui/text.js'
import type { CommandContext } from './base-command.js'
import type { Fleet } from './fleet.js'
import { withEnvironment } from './named-environment.js'
import { exitCodeOf, hostResults, type CommandResult } from './result.js'

/** What became of a run, for whoever typed the command. */
export function reportResult(
  fleet: Fleet,
  report: RunReport,
  plan: FleetPlan,
  context: CommandContext,
): CommandResult {
  const changed = countChanged(report)
  const paint = context.terminal.paintOut
  const shown = report.check || isBlocked(plan)
  const diffs = shown && plan.hosts.length > 0 ? `${planText(plan, paint)}\n\n` : ''
  const tasks = context.verbose ? `${tasksText(report, paint)}\n\n` : ''
  return {
    exitCode: exitCodeOf(report, changed),
    environment: fleet.inventory.environment,
    run: report.run,
    hosts: hostResults(report),
    errors: errorsOf(report, fleet.typed),
    text: `${diffs}${tasks}${recapText(report, paint)}\n${closing(report, changed, fleet)}`,
    data: { changed, release: report.release },
  }
}

/** What stops a run is shown as what check mode finds: a hand edit with its lines. */
function isBlocked({ hosts }: FleetPlan): boolean {
  const tasks = hosts.flatMap(({ plays }) => plays).flatMap((play) => play.tasks)
  return tasks.some(({ decision }) => decision.kind === 'blocked')
}

function closing(report: RunReport, changed: number, fleet: Fleet): string {
  const time = `in ${seconds(report.ms)}`
  if (report.check)
    return changed === 0
      ? `Nothing to change, looked ${time}.`
      : `${counted(changed, 'task')} would change something${report.release === null ? '' : `; the release is ${report.release}`}.`
  if (report.declined) return 'Nothing was changed.'
  if (changed === 0 && report.hosts.every(({ outcome }) => outcome === 'ok'))
    return `Nothing to change, looked ${time}.`
  return [
    ...released(report, fleet, time),
    `${counted(changed, 'task')} changed something ${time}.`,
    ...(changed > 0 ? undo(report, fleet.typed) : []),
  ].join('\n')
}

function released({ end, release, hosts }: RunReport, { inventory, typed }: Fleet, time: string): string[] {
  if (release === null) return []
  switch (end) {
    case 'untouched':
      return []
    case 'confirmed': {
      const names = hosts.map(({ host }) => host)
      const gateways = inventory.groups[inventory.gateway?.group ?? ''] ?? []
      const where = gateways.every((host) => names.includes(host)) ? 'every gateway' : names.join(', ')
      return [`${release} is served and confirmed on ${where}, ${time}.`]
    }
    case 'reverted':
      return [`${release} is served nowhere: every gateway that had it went back.`]
    case 'kept':
      return [
        `${release} stays on the gateways where it was proved; the others are as they were: gw status ${typed}`,
      ]
    case 'unsettled':
      return [`It is not known of every gateway which release it serves: gw status ${typed}`]
  }
}

/** A run that publishes is undone by a rollback, where all gateways had the same release; one that does not, by its opposite. */
function undo({ end, before, release }: RunReport, environment: string): string[] {
  if (release === null)
    return ['To undo it, run the same command with the inventory (or playbook) as it was before.']
  if (end !== 'confirmed') return []
  const earlier = new Set(Object.values(before))
  const [only = null] = earlier
  if (earlier.size > 1) {
    // A host that had none before has nothing to go back to.
    const each = Object.entries(before).flatMap(([host, name]) =>
      name === null ? [] : [`gw rollback ${environment} --limit ${host} --to ${name}`],
    )
    return [`To undo it: ${each.join('; ')}`]
  }
  return only === null || only === release ? [] : [`To undo it: gw rollback ${environment} --to ${only}`]
}

function errorsOf(report: RunReport, environment: string): GwError[] {
  const errors = report.hosts
    .flatMap(({ error }) => (error === null ? [] : [error]))
    .map((error) => withEnvironment(withWayOut(error, report), environment))
  if (report.end === 'reverted' && !report.interrupted) errors.push(reverted(report, environment))
  if (report.end === 'unsettled') errors.push(unsettled(report, environment))
  if (report.interrupted) {
    errors.push(
      new GwError('INTERRUPTED', `stopped on request; ${touchedText(report)}`, {
        nextSteps: stepsAfterStop(report, environment),
      }),
    )
  }
  if (report.declined) {
    const message = 'the plan was not accepted; nothing was changed'
    errors.push(new GwError('CHANGES_DECLINED', message, { nextSteps: [LEFT] }))
  }
  return errors
}

const LEFT = 'The same command with --check shows what is left to do; as it was, it does it.'

/** A gateway that is down must not keep the other one from being changed when somebody wants just that. */
function withWayOut(error: GwError, { release, hosts }: RunReport): GwError {
  if (release === null || !isUnreachable(error)) return error
  const others = hosts.filter((host) => host.error === null).map(({ host }) => host)
  if (others.length === 0) return error
  return error.withNextStep(
    `The same command with --limit ${others.join(',')} --allow-unprotected changes only what answers.`,
  )
}

function stepsAfterStop({ end }: RunReport, environment: string): string[] {
  if (end === 'unsettled') return []
  return end === 'untouched' ? [LEFT] : [`gw status ${environment} shows where every gateway stands.`]
}

function reverted({ release, before }: RunReport, environment: string): GwError {
  const there = Object.entries(before).map(([host, name]) => `${name ?? 'what it had'} on ${host}`)
  const message = `${release ?? 'the change'} did not stay; the gateways serve again what they served before: ${there.join(', ')}`
  return new GwError('RELEASE_REVERTED', message, {
    nextSteps: [`Mend what the error above says; gw status ${environment} shows where every gateway stands.`],
  })
}

function unsettled({ release }: RunReport, environment: string): GwError {
  const message = `${release ?? 'the change'} is not settled on every gateway; one that gw cannot reach undoes by itself what is not confirmed`
  return new GwError('RELEASE_UNSETTLED', message, {
    nextSteps: [
      `gw status ${environment} shows where every gateway stands.`,
      `gw resume ${environment} brings all of them to it, gw abort ${environment} back.`,
    ],
  })
}

/** Which hosts are not as they were: those with a change, or with a task that was cut short. */
function touchedText({ check, hosts, end, release }: RunReport): string {
  if (end === 'reverted') return `${release ?? 'what was published'} was taken back everywhere`
  if (end === 'confirmed') return `${release ?? 'everything'} is served and confirmed`
  const touched = hosts.filter(
    ({ tasks }) => !check && tasks.some(({ outcome }) => outcome === 'changed' || outcome === 'failed'),
  )
  if (touched.length === 0) return 'nothing was changed'
  return `changed in part or whole: ${touched.map(({ host }) => host).join(', ')}`
}
