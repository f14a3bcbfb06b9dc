import { execFile } from 'node:child_process'
import { dial } from './dial.js'
import { DroppedEarly } from './dropped-early.js'
import {
  authenticationFailure,
  forwardingRefused,
  frameOf,
  hostKeyFailure,
  lostWhileConnecting,
  type Peer,
} from './failures.js'
import { judgeHostKey } from './known-hosts.js'
import { readKnownHosts } from './known-hosts-files.js'
import type { MasterReport } from './openssh-master.js'
import { scanHostKey } from './scan.js'
import type { HopWire } from './wire-driver.js'

/**
 * How far ssh came, by the names of the protocol's messages in its trace: these are constants of the protocol, not texts
 * for people.
 */
function stageOf(trace: string): 'nothing' | 'keys' | 'authentication' {
  if (trace.includes('SSH2_MSG_SERVICE_ACCEPT')) return 'authentication'
  return trace.includes('SSH2_MSG_KEXINIT received') ? 'keys' : 'nothing'
}

/** Where ssh itself goes for an address: ssh_config may give another name, or a program of the user's to go through. */
interface Way {
  readonly address: string
  readonly isProxied: boolean
}

function wayOf(args: readonly string[], address: string): Promise<Way> {
  return new Promise((resolve) => {
    execFile('ssh', ['-G', ...args], (_error, stdout) => {
      const values = new Map(
        stdout.split('\n').map((line) => [line.split(' ', 1)[0], line.replace(/^\S* /, '')]),
      )
      const isProxied = ['proxycommand', 'proxyjump'].some((name) => (values.get(name) ?? 'none') !== 'none')
      resolve({ address: values.get('hostname') ?? address, isProxied })
    })
  })
}

/**
 * Finds out why ssh, started with `args`, ended before it was connected, without reading its messages. The host is
 * looked at once more, where ssh would find it.
 */
export async function openFailure(
  args: readonly string[],
  named: Peer,
  via: HopWire | null,
  report: MasterReport,
  signal: AbortSignal,
): Promise<Error> {
  const stage = stageOf(report.trace)
  const way = stage === 'authentication' ? null : await wayOf(args, named.endpoint.address)
  if (via === null && way?.isProxied === true)
    return lostWhileConnecting(named, 'was not reached by ssh', report.errors)
  const peer = way === null ? named : { ...named, endpoint: { ...named.endpoint, address: way.address } }
  switch (stage) {
    case 'authentication':
      return authenticationFailure(peer, { offered: offered(peer), allowed: null, text: report.errors })
    case 'keys':
      return keyFailure(peer, via, report, signal)
    case 'nothing':
      return reachFailure(peer, via, report, signal)
  }
}

function offered(peer: Peer): string[] {
  const { identityFiles, agent } = peer.endpoint
  const files = identityFiles.map((file) => `the key ${file}`)
  const all = agent === null ? files : [...files, `the keys of the agent ${agent}`]
  return all.length === 0 ? ['what ssh_config and the usual key files have'] : all
}

/** Scans the key that the host shows and judges it as ssh did. */
async function keyFailure(
  peer: Peer,
  via: HopWire | null,
  report: MasterReport,
  signal: AbortSignal,
): Promise<Error> {
  const { address, port, knownHosts } = peer.endpoint
  const known = await readKnownHosts(knownHosts)
  const key = await scanHostKey(peer, via, known, signal)
  const judged = judgeHostKey(known, address, port, key)
  const certified = judged.state === 'unknown' && judged.authorities.length > 0
  const failure = certified ? null : hostKeyFailure(peer, key, judged)
  return failure ?? lostWhileConnecting(peer, 'ended the exchange of keys', report.errors)
}

/** ssh never spoke with the host: a connection of our own shows whether there is one to be had. */
async function reachFailure(
  peer: Peer,
  via: HopWire | null,
  report: MasterReport,
  signal: AbortSignal,
): Promise<Error> {
  if (via !== null && report.jumpErrors !== '' && 'frame' in frameOf(report.jumpErrors)) {
    return forwardingRefused(peer, via.endpoint, 'unsaid', report.jumpErrors)
  }
  if (via === null) (await dial(peer, null, signal)).destroy()
  return new DroppedEarly(report.errors)
}
