import { ask } from '../facts/fact.js'
import { type PackageState, packageState } from '../facts/package.js'
import { aptInstall, aptHold } from './apt.js'
import { checked } from './argument.js'
import type { Decision, Operation } from './operation.js'

interface PackageArguments {
  readonly name: string
  /** Exactly this version; without it any installed version will do, and the candidate is installed. */
  readonly version?: string
  /** true: keep the package from upgrades; false: no hold; without it a hold is the administrator's and is obeyed. */
  readonly hold?: boolean
  /** Seconds to wait while somebody else holds a lock of apt or dpkg; default 60. */
  readonly lockWaitSeconds?: number
}

/**
 * A Debian package. What it starts at its first installation stays stopped until a unit operation starts it, with its
 * configuration in place. Nothing is ever removed to make room for it.
 * @throws GwError VALUE_REFUSED
 */
export function aptPackage(args: PackageArguments): Operation {
  checked('package', 'aptPackage.name', args.name)
  if (args.version !== undefined) checked('version', 'aptPackage.version', args.version)
  if (args.lockWaitSeconds !== undefined)
    checked('seconds', 'aptPackage.lockWaitSeconds', String(args.lockWaitSeconds))
  const question = ask(packageState, { name: args.name })
  return {
    subject: args.name,
    questions: [question],
    decide: (answers) => decide(answers.to(question), args),
  }
}

function decide(now: PackageState, args: PackageArguments): Decision {
  const { name, version, hold } = args
  const installation = installationOf(now, version)
  const holding = hold === undefined || hold === now.held ? [] : [hold ? 'hold' : 'end the hold']
  if (installation === null) {
    if (holding.length > 0) {
      return { kind: 'change', summary: holding.join(), script: aptHold(args) }
    }
    const held = now.held ? ', and held' : ''
    return { kind: 'ok', reason: `version ${now.installed ? now.version : ''} is installed${held}` }
  }
  if (now.held && hold === undefined) {
    return {
      kind: 'blocked',
      reason: `the package ${name} is held on the host, which forbids this change: ${installation}`,
      nextSteps: [
        `End the hold on the host: apt-mark unhold ${name}`,
        `Or state the hold in the playbook: hold: true lets gw move a held package, hold: false ends the hold.`,
      ],
    }
  }
  return { kind: 'change', summary: [installation, ...holding].join(', '), script: aptInstall(args) }
}

/** What is to be done to have the package, as words of a summary; `null` for nothing. */
function installationOf(now: PackageState, version: string | undefined): string | null {
  if (!now.installed) return version === undefined ? 'install' : `install version ${version}`
  if (version !== undefined && now.version !== version) return `version ${now.version} -> ${version}`
  return now.configured ? null : 'finish the interrupted installation'
}
