import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { errnoCode } from '../errors.js'
import type { Endpoint, Host } from '../model/host.js'
import { keysOfAgent } from './agent.js'
import type { MachineExamination, ReadableFile } from './examination.js'

/** Looks at what this machine has to reach the hosts with, jump hosts on the way to them included. */
export async function examineMachine(hosts: readonly Host[], node: string): Promise<MachineExamination> {
  const endpoints = hosts.flatMap(({ connection }) => [...connection.jump, connection])
  const sockets = distinct(endpoints, ({ agent }) => (agent === null ? [] : [agent]))
  const [agents, identityFiles, knownHosts] = await Promise.all([
    Promise.all(sockets.map(async (socket) => ({ socket, keys: await keysOfAgent(socket) }))),
    Promise.all(distinct(endpoints, (endpoint) => endpoint.identityFiles).map(lookAt)),
    Promise.all(distinct(endpoints, (endpoint) => endpoint.knownHosts).map(lookAt)),
  ])
  // A file that is not there holds no keys, and the hosts themselves tell which of them are not known.
  return { node, agents, identityFiles, knownHosts: knownHosts.filter(({ problem }) => problem !== MISSING) }
}

const MISSING = 'there is no such file'

function distinct(
  endpoints: readonly Endpoint[],
  pathsOf: (endpoint: Endpoint) => readonly string[],
): string[] {
  return [...new Set(endpoints.flatMap(pathsOf))]
}

async function lookAt(path: string): Promise<ReadableFile> {
  try {
    const { mode } = await stat(path)
    await access(path, constants.R_OK)
    return { path, problem: null, mode: mode & 0o777 }
  } catch (error) {
    const code = errnoCode(error)
    return { path, problem: code === 'ENOENT' ? MISSING : `not readable (${code})`, mode: 0 }
  }
}
