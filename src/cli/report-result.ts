import type { FleetPlan } from '../engine/plan.js'
import { countChanged, type RunReport } from '../engine/report.js'
import { GwError } from '../errors.js'
import { planText } from '../ui/plan-text.js'
import { counted, recapText, seconds, tasksText } from '../ui/text.js'
import type { CommandContext } from './base-command.js'
import type { Fleet } from './fleet.js'
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
    text: `${diffs}${tasks}${recapText(report, paint)}\n${closing(report, changed, fleet.typed)}`,
    data: { changed, release: report.release },
  }
}

/** What stops a run is shown as what check mode finds: a hand edit with its lines. */
function isBlocked({ hosts }: FleetPlan): boolean {
  const tasks = hosts.flatMap(({ plays }) => plays).flatMap((play) => play.tasks)
  return tasks.some(({ decision }) => decision.kind === 'blocked')
}

function closing(report: RunReport, changed: number, environment: string): string {
  const time = `in ${seconds(report.ms)}`
  if (report.check)
    return changed === 0
      ? `Nothing to change, looked ${time}.`
      : `${counted(changed, 'task')} would change something${report.release === null ? '' : `; the release is ${report.release}`}.`
  if (report.declined) return 'Nothing was changed.'
  if (changed === 0 && report.hosts.every(({ outcome }) => outcome === 'ok'))
    return `Nothing to change, looked ${time}.`
  return [
    ...released(report, environment, time),
    `${counted(changed, 'task')} changed something ${time}.${changed > 0 ? undo(report, environment) : ''}`,
  ].join('\n')
}

function released({ end, release }: RunReport, environment: string, time: string): string[] {
  if (release === null || end === 'untouched') return []
  switch (end) {
    case 'confirmed':
      return [`${release} is served and confirmed on every gateway, ${time}.`]
    case 'reverted':
      return [`${release} is served nowhere: every gateway that had it went back.`]
    case 'kept':
      return [
        `${release} stays on the gateways where it was proved; the others are as they were: gw status ${environment}`,
      ]
    case 'unsettled':
      return [`It is not known of every gateway which release it serves: gw status ${environment}`]
  }
}

function undo({ end, before, release }: RunReport, environment: string): string {
  if (end !== 'confirmed')
    return '\nTo undo it, run the same command with the inventory (or playbook) as it was before.'
  const earlier = new Set(Object.values(before))
  const [only] = earlier
  if (earlier.size !== 1 || only === null || only === undefined || only === release) return ''
  return `\nTo undo it: gw rollback ${environment} --to ${only}`
}

function errorsOf(report: RunReport, environment: string): GwError[] {
  const errors = report.hosts.flatMap(({ error }) => (error === null ? [] : [error]))
  const nextSteps = ['The same command with --check shows what is left to do; as it was, it does it.']
  if (report.end === 'reverted') errors.push(reverted(report, environment))
  if (report.end === 'unsettled') errors.push(unsettled(report, environment))
  if (report.interrupted) {
    errors.push(new GwError('INTERRUPTED', `stopped on request; ${touchedText(report)}`, { nextSteps }))
  }
  if (report.declined) {
    const message = 'the plan was not accepted; nothing was changed'
    errors.push(new GwError('CHANGES_DECLINED', message, { nextSteps }))
  }
  return errors
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
function touchedText({ check, hosts, end }: RunReport): string {
  const touched = hosts.filter(
    ({ tasks }) => !check && tasks.some(({ outcome }) => outcome === 'changed' || outcome === 'failed'),
  )
  if (touched.length === 0) return 'nothing was changed'
  const names = touched.map(({ host }) => host).join(', ')
  return end === 'reverted' ? `the release was taken back on ${names}` : `changed so far: ${names}`
}
