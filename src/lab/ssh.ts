import { GwError } from '../errors.js'
import { quote } from '../shell/quote.js'
import { runInTerminal } from './local.js'
import { labStateDir, projectDir } from './project-dir.js'
import { labFiles, recall } from './state.js'
import type { LabFiles } from './state.js'
import { DEFAULT_LAB, checkLabName, layOut } from './topology.js'
import type { LabHost } from './topology.js'

export interface LabSshOptions {
  /** Default: "lab". */
  readonly name?: string
  readonly host: string
  /** A command and its words; none opens a shell. */
  readonly command?: readonly string[]
}

/** The words that run the system's ssh, with the lab's own key and known_hosts and nothing of the user's configuration. */
export function sshWords(host: LabHost, files: LabFiles, command: readonly string[]): string[] {
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
 * Opens a shell on a host of the lab, or runs a command there. Answers its exit code.
 * @throws GwError LAB_UNAVAILABLE when the lab is not up, UNKNOWN_HOST_OR_GROUP when it has no such host.
 */
export async function labSsh(options: LabSshOptions): Promise<number> {
  const name = checkLabName(options.name ?? DEFAULT_LAB)
  const stateDir = labStateDir(projectDir(), name)
  const memory = await recall(stateDir)
  if (memory === null) {
    throw new GwError('LAB_UNAVAILABLE', `The lab ${name} is not up.`, {
      nextSteps: [`gw lab up --name ${name}`],
    })
  }
  const { hosts } = layOut(name, memory.prefix, memory.plain)
  const host = hosts.find((each) => each.name === options.host)
  if (host === undefined) {
    const names = hosts.map((each) => each.name).join(', ')
    throw new GwError(
      'UNKNOWN_HOST_OR_GROUP',
      `The lab ${name} has no host ${JSON.stringify(options.host)}.`,
      {
        nextSteps: [`Choose one of ${names}.`],
      },
    )
  }
  return runInTerminal(sshWords(host, labFiles(stateDir), options.command ?? []))
}
