import { GwError } from '../errors.js'
import type { Peer } from './failures.js'

const ADDRESS = /^[A-Za-z0-9_:][A-Za-z0-9._:%-]*$/
const USER = /^[A-Za-z0-9_][A-Za-z0-9._@$-]*$/
/** What ssh_config would unquote or expand in a path and cannot be escaped, and what ends its line. */
const UNSAFE_IN_PATH = /["\\\p{Cc}]|\$\{/u

function refuse(peer: Peer, what: string, value: string): GwError {
  const message = `the ${what} ${JSON.stringify(value)} cannot be given to ssh safely`
  return new GwError('VALUE_REFUSED', message, {
    host: peer.host,
    nextSteps: [`Change the ${what} in the inventory.`],
  })
}

function path(peer: Peer, value: string): string {
  if (!value.startsWith('/') || UNSAFE_IN_PATH.test(value)) throw refuse(peer, 'path', value)
  return `"${value.replaceAll('%', '%%')}"`
}

/** The authentication settings: what the inventory names and no more; nothing named leaves all to ssh_config. */
function authentication(peer: Peer): string[] {
  const { identityFiles, agent } = peer.endpoint
  const files = identityFiles.map((file) => `IdentityFile=${path(peer, file)}`)
  if (agent !== null) return [...files, `IdentityAgent=${path(peer, agent)}`]
  return files.length === 0 ? [] : [...files, 'IdentityAgent=none', 'IdentitiesOnly=yes']
}

function hostKeys(peer: Peer): string[] {
  const { knownHosts } = peer.endpoint
  if (knownHosts.length === 0) return []
  const files = knownHosts.map((file) => path(peer, file)).join(' ')
  return [`UserKnownHostsFile=${files}`, 'GlobalKnownHostsFile=none']
}

/**
 * The settings for an ssh master connection to `peer`, each as `Name=value`. No value can become an option of ssh, a
 * second setting or a command.
 * @throws GwError VALUE_REFUSED for a value that ssh cannot be given literally.
 */
export function masterSettings(peer: Peer, timeoutMs: number): string[] {
  const { address, port, user } = peer.endpoint
  if (!ADDRESS.test(address)) throw refuse(peer, 'address', address)
  if (!USER.test(user)) throw refuse(peer, 'user', user)
  return [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'UpdateHostKeys=no',
    ...hostKeys(peer),
    ...authentication(peer),
    `User=${user}`,
    `Port=${port}`,
    `ConnectTimeout=${Math.ceil(timeoutMs / 1000)}`,
    'ConnectionAttempts=1',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'RequestTTY=no',
    'RemoteCommand=none',
    'EscapeChar=none',
    'VisualHostKey=no',
    'ControlMaster=yes',
    'ControlPersist=no',
    // Runs here, once the connection is authenticated and its socket listens: it tells us that it is ready.
    'PermitLocalCommand=yes',
    'LocalCommand=echo ready',
  ]
}

/** Each setting after its own `-o`. */
export function asArguments(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ['-o', setting])
}

/**
 * Arguments that make ssh use the master behind `socket` and nothing else: no configuration file, and never a
 * connection of its own when the master is gone. The host name that follows them does not matter.
 */
export function clientArguments(socket: string): string[] {
  const settings = [`ControlPath=${socket}`, 'ControlMaster=no', 'ProxyCommand=false', 'BatchMode=yes']
  return ['-F', 'none', '-T', ...asArguments([...settings, 'LogLevel=ERROR', 'EscapeChar=none'])]
}
