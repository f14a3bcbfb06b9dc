import { GwError } from '../errors.js'
import { quote } from '../shell/quote.js'
import { runInTerminal } from './local.js'
import { labStateDir, projectDir } from './project-dir.js'
import { labFiles, recall } from './state.js'
import type { LabFiles } from './state.js'
import { checkLabName, layOut } from './topology.js'
import type { LabHost } from './topology.js'

interface LabSshOptions {
  readonly name: string
  readonly host: string
  /** A command and its words; none opens a shell. */
  readonly command?: readonly string[]
  /** Where the host's standard output goes; default: stdout. */
  readonly output?: 'stdout' | 'stderr'
}

/** What ssh itself answers when it fails; a command's own code is what it answers otherwise. */
const SSH_FAILED = 255

/** The words that run the system's ssh, with the lab's own key and known_hosts and nothing of the user's configuration. */
export function sshWords(
  host: LabHost,
  files: Pick<LabFiles, 'identityFile' | 'knownHosts'>,
  command: readonly string[],
): string[] {
  return [
    ...['ssh', '-F', 'none', '-i', files.identityFile],
    ...['-o', 'IdentitiesOnly=yes', '-o', `UserKnownHostsFile="${files.knownHosts}"`],
    ...['-o', 'StrictHostKeyChecking=yes', '-o', 'LogLevel=ERROR'],
    ...(command.length === 0 ? [] : ['-T']),
    `gw@${host.address}`,
    // ssh joins its words by spaces for the host's shell, so they are quoted for that shell here.
    ...command.map(quote),
  ]
}

/**
 * Opens a shell on a host of the lab, or runs a command there, in this process's terminal.
 * @throws GwError LAB_UNAVAILABLE when the lab is not up, UNKNOWN_HOST_OR_GROUP when it has no such host,
 *   CONNECTION_LOST when ssh itself failed, COMMAND_FAILED when the command did. A shell may end as it likes.
 */
export async function labSsh(options: LabSshOptions): Promise<void> {
  const name = checkLabName(options.name)
  const stateDir = labStateDir(projectDir(), name)
  const memory = await recall(stateDir)
  if (memory === null) {
    throw new GwError('LAB_UNAVAILABLE', `the lab ${name} is not up`, {
      nextSteps: [`gw lab up --name ${name} brings it up.`],
    })
  }
  const { hosts } = layOut(name, memory.prefix, memory.plain)
  const host = hosts.find((each) => each.name === options.host)
  if (host === undefined) {
    const names = hosts.map((each) => each.name).join(', ')
    throw new GwError(
      'UNKNOWN_HOST_OR_GROUP',
      `the lab ${name} has no host ${JSON.stringify(options.host)}`,
      {
        nextSteps: [`Choose one of ${names}.`],
      },
    )
  }
  const command = options.command ?? []
  const exitCode = await runInTerminal(
    sshWords(host, labFiles(stateDir), command),
    options.output ?? 'stdout',
  )
  if (exitCode === SSH_FAILED) {
    throw new GwError('CONNECTION_LOST', 'ssh could not reach the host, or was cut off from it', {
      host: host.name,
      nextSteps: [
        `gw lab status --name ${name} shows whether the host runs.`,
        `gw lab up --name ${name} starts it when it does not.`,
      ],
    })
  }
  if (exitCode === 0 || command.length === 0) return
  throw new GwError('COMMAND_FAILED', `the command ended with exit code ${exitCode}`, {
    host: host.name,
    nextSteps: [`gw lab ssh --name ${name} ${host.name} opens a shell there, to look why.`],
  })
}
