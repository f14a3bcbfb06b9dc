import { error, judged, warning } from '../../health/judgement.js'
import type { Finding, Judgement } from '../../model/health.js'
import { cleanLine } from '../../shell/clean.js'
import type { AgentState, MachineExamination, ReadableFile } from '../examination.js'

const OLDEST_NODE = [20, 19]

/** Whether Node is one that gw is written for. */
export function judgeNode(version: string): Judgement {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? []
  const [leastMajor = 0, leastMinor = 0] = OLDEST_NODE
  const isOld = Number(major) < leastMajor || (Number(major) === leastMajor && Number(minor) < leastMinor)
  if (!isOld) return judged([])
  const least = OLDEST_NODE.join('.')
  return judged([
    error(`Node ${cleanLine(version)} is older than ${least}`, `Install Node ${least} or later.`),
  ])
}

/**
 * Whether this machine has something to log in with, and keeps it safe. What let it in on some host is enough, wherever it
 * came from: the openssh driver has keys by the user's own settings, too.
 */
export function judgeKeys(
  { agents, identityFiles, knownHosts }: MachineExamination,
  loggedIn: boolean,
): Judgement {
  const usable =
    loggedIn ||
    agents.some(({ keys }) => keys !== null && keys > 0) ||
    identityFiles.some(({ problem }) => problem === null)
  const severe = usable ? warning : error
  return judged([
    ...(agents.length + identityFiles.length === 0 && !loggedIn ? [nothing()] : []),
    ...agents.flatMap((agent) => judgeAgent(agent, severe)),
    ...identityFiles.flatMap((file) => judgeIdentity(file, severe)),
    ...knownHosts.flatMap(judgeKnownHosts),
  ])
}

type Severity = typeof error

function nothing(): Finding {
  return error(
    'the inventory names no identity file, and there is no ssh agent',
    'Set `connection.identity_file` in the inventory, or start an agent and add a key with ssh-add.',
  )
}

function judgeAgent({ socket, keys }: AgentState, severe: Severity): Finding[] {
  const path = cleanLine(socket)
  if (keys === null) {
    return [
      severe(
        `no ssh agent answers at ${path}`,
        'Start one (eval "$(ssh-agent)"; ssh-add), or correct SSH_AUTH_SOCK or `connection.agent`.',
      ),
    ]
  }
  return keys > 0 ? [] : [severe(`the ssh agent at ${path} holds no key`, 'Add one with ssh-add.')]
}

function judgeIdentity({ path, problem, mode }: ReadableFile, severe: Severity): Finding[] {
  const shown = cleanLine(path)
  if (problem !== null)
    return [
      severe(
        `the identity file ${shown} cannot be used: ${problem}`,
        'Correct `connection.identity_file` in the inventory.',
      ),
    ]
  if ((mode & 0o077) === 0) return []
  return [
    warning(
      `the identity file ${shown} can be read by others (${octal(mode)}), so ssh itself would not use it`,
      `chmod 600 ${shown}`,
    ),
  ]
}

function judgeKnownHosts({ path, problem, mode }: ReadableFile): Finding[] {
  const shown = cleanLine(path)
  if (problem !== null)
    return [error(`the known_hosts file ${shown} cannot be read: ${problem}`, `ls -l ${shown}`)]
  if ((mode & 0o022) === 0) return []
  return [
    warning(
      `others can write to the known_hosts file ${shown} (${octal(mode)}), and so make gw trust any host`,
      `chmod 600 ${shown}`,
    ),
  ]
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0')
}
