import { ask } from '../facts/fact.js'
import { type UserState, userState } from '../facts/user.js'
import { type Script, sh } from '../shell/script.js'
import { checked } from './argument.js'
import type { Decision, Operation } from './operation.js'

interface UserArguments {
  readonly name: string
  /** An account for a daemon: a number from the system's range, no home directory made, no login unless `shell` says. */
  readonly system?: boolean
  readonly shell?: string
  readonly home?: string
  /** Supplementary groups, which must exist; those that the account has besides are left to it. */
  readonly groups?: readonly string[]
}

/**
 * An account with a group of the same name; without `shell` and `home` an existing account keeps its own.
 * @throws GwError VALUE_REFUSED
 */
export function user(args: UserArguments): Operation {
  checked('account', 'user.name', args.name)
  if (args.shell !== undefined) checked('path', 'user.shell', args.shell)
  if (args.home !== undefined) checked('path', 'user.home', args.home)
  for (const group of args.groups ?? []) checked('account', 'user.groups', group)
  const question = ask(userState, { name: args.name })
  return {
    subject: args.name,
    questions: [question],
    decide: (answers) => decide(answers.to(question), args),
  }
}

function decide(now: UserState | null, args: UserArguments): Decision {
  if (now === null) return { kind: 'change', summary: 'create', script: create(args) }
  const missing = (args.groups ?? []).filter((group) => !now.groups.includes(group))
  const changes: string[] = []
  const options: string[] = []
  if (args.shell !== undefined && args.shell !== now.shell) {
    changes.push(`shell ${now.shell} -> ${args.shell}`)
    options.push('--shell', args.shell)
  }
  if (args.home !== undefined && args.home !== now.home) {
    changes.push(`home ${now.home} -> ${args.home}`)
    options.push('--home', args.home)
  }
  if (missing.length > 0) {
    changes.push(`add to ${missing.join(', ')}`)
    options.push('--append', '--groups', missing.join())
  }
  if (changes.length === 0) return { kind: 'ok', reason: 'the account is there, with its groups' }
  return { kind: 'change', summary: changes.join(', '), script: sh`usermod ${options} -- ${args.name}` }
}

function create(args: UserArguments): Script {
  const shell = args.shell ?? (args.system === true ? '/usr/sbin/nologin' : '/bin/bash')
  const options = [
    ...(args.system === true ? ['--system', '--no-create-home'] : ['--create-home']),
    '--shell',
    shell,
    ...(args.home === undefined ? [] : ['--home-dir', args.home]),
    ...((args.groups ?? []).length === 0 ? [] : ['--groups', (args.groups ?? []).join()]),
  ]
  return sh`
    set -eu
    if getent group ${args.name} >/dev/null; then
      useradd ${options} --gid ${args.name} -- ${args.name}
    else
      useradd ${options} --user-group -- ${args.name}
    fi`
}
