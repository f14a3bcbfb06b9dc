import { ask } from '../facts/fact.js'
import { isActive, type UnitState, unitState } from '../facts/unit.js'
import type { Script } from '../shell/script.js'
import { checked } from './argument.js'
import type { Decision, Operation, Upcoming } from './operation.js'
import { type UnitActions, unitScript } from './unit-script.js'
import { newer, watch } from './watched-file.js'

interface UnitArguments {
  /** With its suffix: `nginx.service`. */
  readonly name: string
  /** Whether it starts at boot; left as it is without. */
  readonly enabled?: boolean
  /** Left as it is without. */
  readonly running?: boolean
  /** Paths that it reads again at a reload. */
  readonly reloadOn?: readonly string[]
  /**
   * The same for paths below a link that is led from one release to the next, of which every release has its own copy: by
   * the time of their content, which a copy keeps, so that a release in which none of them changed is no reason to reload.
   */
  readonly reloadOnTree?: readonly string[]
  /** Paths that it reads only at its start, its own drop-ins for example. */
  readonly restartOn?: readonly string[]
  /** Run before it is restarted while it is active; unless it succeeds, the unit is left as it is. */
  readonly beforeRestart?: Script
  /** Subjects of the tasks that may bring it; unless said, a package of its name and a file in /etc/systemd/system. */
  readonly providedBy?: readonly string[]
}

/**
 * A systemd unit: started, enabled, and holding the newest version of its files. Whether it does is read from the host
 * (the files' times against the unit's), so a reload that an earlier run lost is made up for.
 * @throws GwError VALUE_REFUSED
 */
export function unit(args: UnitArguments): Operation {
  const name = checked('unit', 'unit.name', args.name)
  const question = ask(unitState, { name })
  const reloadOn = [
    ...(args.reloadOn ?? []).map((path) => watch('unit.reloadOn', path)),
    ...(args.reloadOnTree ?? []).map((path) => watch('unit.reloadOnTree', path, 'modifiedAt')),
  ]
  const restartOn = (args.restartOn ?? []).map((path) => watch('unit.restartOn', path))
  return {
    subject: name,
    questions: [question, ...[...reloadOn, ...restartOn].map((file) => file.question)],
    decide: (answers, upcoming) =>
      decide(answers.to(question), {
        args,
        newToReload: newer(reloadOn, answers, upcoming, answers.to(question)?.changedAt ?? 0),
        newToRestart: newer(restartOn, answers, upcoming, answers.to(question)?.startedAt ?? 0),
        upcoming,
      }),
  }
}

interface Situation {
  readonly args: UnitArguments
  /** The first path that the unit has not read in its newest version, in words. */
  readonly newToReload: string | null
  readonly newToRestart: string | null
  readonly upcoming: Upcoming
}

function decide(now: UnitState | null, situation: Situation): Decision {
  const { args, upcoming } = situation
  if (now === null) {
    return {
      kind: 'blocked',
      reason: 'systemd does not answer on the host',
      nextSteps: [
        'gw needs systemd 247 or later as the first process of the host: systemctl is-system-running',
      ],
    }
  }
  const unready = obstacle(now, args, upcoming)
  if (unready !== null) return unready
  const { actions, summary } = actionsFor(now, situation)
  if (summary.length > 0) {
    return { kind: 'change', summary: summary.join(', '), script: unitScript(args.name, actions) }
  }
  return { kind: 'ok', reason: describe(now, args) }
}

/** Why the unit cannot be handled as it stands, or that there is nothing to handle. */
function obstacle(now: UnitState, { name, enabled, running, providedBy }: UnitArguments, upcoming: Upcoming) {
  const unwanted = enabled !== true && running !== true
  const providers = providedBy ?? [name.replace(/@?\.[a-z]+$/, ''), `/etc/systemd/system/${name}`]
  const coming = providers.some((subject) => upcoming.changes(subject))
  if (now.load === 'masked' && !unwanted) {
    return blocked(`the unit ${name} is masked`, `Unmask it on the host: systemctl unmask ${name}`)
  }
  if (now.load === 'not-found' && !coming) {
    if (unwanted) return { kind: 'ok', reason: 'there is no such unit' } as const
    return blocked(
      `there is no unit ${name} on the host, and no earlier task brings it`,
      `Install what brings ${name} by an earlier task, or name that task's subject in providedBy.`,
    )
  }
  if (['bad-setting', 'error'].includes(now.load) && !coming && !now.needsDaemonReload) {
    return blocked(
      `systemd could not load the unit ${name} (${now.load})`,
      `See why on the host: systemd-analyze verify ${name}`,
    )
  }
  if (enabled === true && ['static', 'indirect', 'generated', 'transient'].includes(now.enabled)) {
    return blocked(
      `the unit ${name} is ${now.enabled}, so it cannot be enabled`,
      `Leave "enabled" out for ${name}: something else decides whether it starts at boot.`,
    )
  }
  return null
}

function blocked(reason: string, nextStep: string): Decision {
  return { kind: 'blocked', reason, nextSteps: [nextStep] }
}

function actionsFor(now: UnitState, { args, newToReload, newToRestart, upcoming }: Situation) {
  const summary: string[] = []
  // Enabled until the next boot only (enabled-runtime) is neither of the two.
  const enable =
    args.enabled === undefined || isSatisfied(args.enabled, now.enabled) ? undefined : args.enabled
  const definitions = [...(args.restartOn ?? []), ...(args.reloadOn ?? []), ...(args.providedBy ?? [])]
  const daemonReload =
    now.needsDaemonReload ||
    upcoming.changes(`/etc/systemd/system/${args.name}`) ||
    definitions.some((path) => path.startsWith('/etc/systemd/') && upcoming.changes(path))
  const { run, reason } = runFor(now, args, newToReload, newToRestart)
  // Of a new unit it goes without saying.
  if (daemonReload && now.load !== 'not-found') summary.push('read its definition again')
  if (enable !== undefined) summary.push(enable ? 'enable' : 'disable')
  if (run !== 'leave') summary.push(reason)
  const actions: UnitActions = {
    daemonReload,
    run,
    ...(enable === undefined ? {} : { enable }),
    ...(args.beforeRestart === undefined ? {} : { beforeRestart: args.beforeRestart }),
  }
  return { actions, summary }
}

function isSatisfied(wanted: boolean, enabled: string): boolean {
  return wanted ? ['enabled', 'alias'].includes(enabled) : !enabled.startsWith('enabled')
}

function runFor(
  now: UnitState,
  { running }: UnitArguments,
  newToReload: string | null,
  newToRestart: string | null,
): { run: UnitActions['run']; reason: string } {
  if (running === false) {
    return now.active === 'inactive' || now.active === 'failed'
      ? { run: 'leave', reason: '' }
      : { run: 'stop', reason: 'stop' }
  }
  if (!isActive(now)) {
    if (running !== true) return { run: 'leave', reason: '' }
    // A package that an earlier task installs may start it meanwhile, with files older than ours.
    const run = newToRestart === null ? 'reload' : 'restart'
    return { run, reason: now.load === 'loaded' ? `start, it is ${now.active} (${now.sub})` : 'start' }
  }
  if (newToRestart !== null) return { run: 'restart', reason: `restart, because ${newToRestart}` }
  if (newToReload !== null) return { run: 'reload', reason: `reload, because ${newToReload}` }
  if (!now.reloaded) return { run: 'reload', reason: 'reload, because the last reload failed' }
  return { run: 'leave', reason: '' }
}

function describe(now: UnitState, args: UnitArguments): string {
  const { enabled, reloadOn = [], reloadOnTree = [], restartOn = [] } = args
  const state = `it is ${now.active} (${now.sub})`
  const start = enabled === undefined ? '' : `, ${now.enabled === '' ? 'not enabled' : now.enabled}`
  const files =
    reloadOn.length + reloadOnTree.length + restartOn.length > 0 && now.active === 'active'
      ? ', loaded after its files last changed'
      : ''
  return `${state}${start}${files}`
}
