import { errnoCode, GwError, type ErrorCode, type ErrorDetails } from '../errors.js'
import type { Endpoint } from '../model/host.js'
import { cleanText } from '../shell/clean.js'
import { fingerprint, keyType, type HostKey } from './host-key.js'
import { knownHostsName, type HostKeyState, type KnownKey } from './known-hosts.js'

/** Whom an error is about: the endpoint, on the way to which host of which environment. */
export interface Peer {
  /** Name of the host for the error's `host`. */
  readonly host: string
  readonly environment: string
  readonly endpoint: Endpoint
  /** Whether the endpoint is a jump host on the way to `host`, not `host` itself. */
  readonly isJump: boolean
}

const FRAME_LENGTH = 2000

const RUN_AGAIN = 'Run the same command again: gw looks at the host anew and does what is still missing.'

/** Text of a host or of `ssh` as an error's frame: cleaned, bounded, `undefined` when there is none. */
export function frameOf(text: string): { frame: string } | Record<string, never> {
  const cleaned = cleanText(text).trim()
  return cleaned === '' ? {} : { frame: cleaned.slice(0, FRAME_LENGTH) }
}

/** `user@address:port`, with "the jump host" before it when it is one. */
function peerName(peer: Peer): string {
  const { user, address, port } = peer.endpoint
  return cleanText(`${peer.isJump ? 'the jump host ' : ''}${user}@${address}:${port}`)
}

function failure(code: ErrorCode, peer: Peer, message: string, details: ErrorDetails): GwError {
  return new GwError(code, message, { host: peer.host, ...details })
}

/** The same error for another host that waited for the same jump host. */
export function forHost(error: unknown, host: string): unknown {
  if (!(error instanceof GwError)) return error
  const { frame, nextSteps, cause } = error
  return new GwError(error.code, error.message, {
    host,
    nextSteps,
    cause,
    ...(frame === undefined ? {} : { frame }),
  })
}

function sshCommand({ endpoint }: Peer): string {
  return `ssh -v -p ${endpoint.port} ${endpoint.user}@${endpoint.address} true`
}

export function interrupted(host: string): GwError {
  return new GwError('INTERRUPTED', 'interrupted before the host answered', { host, nextSteps: [RUN_AGAIN] })
}

export function connectDeadline(peer: Peer, ms: number): GwError {
  return failure('DEADLINE_PASSED', peer, `no connection to ${peerName(peer)} within ${ms} ms`, {
    nextSteps: [
      `Type \`${sshCommand(peer)}\` to see how far it gets: the host may be down, or a firewall drops the packets.`,
      'If the host is only slow, raise its connect timeout in the inventory.',
    ],
  })
}

/** Whether a name lookup, rather than a connection, failed. */
function isLookupFailure(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'getaddrinfo'
}

/** A socket that could not be opened, by the error of the system. */
export function socketFailure(peer: Peer, error: unknown): GwError {
  const where = peerName(peer)
  if (isLookupFailure(error)) {
    return failure('NAME_NOT_RESOLVED', peer, `the name ${cleanText(peer.endpoint.address)} has no address`, {
      nextSteps: [
        `Type \`getent hosts ${peer.endpoint.address}\`, and correct the address in the inventory.`,
      ],
      cause: error,
    })
  }
  const code = errnoCode(error)
  if (code === 'ETIMEDOUT') {
    return failure('DEADLINE_PASSED', peer, `${where} did not answer`, {
      nextSteps: [`Type \`${sshCommand(peer)}\`: the host may be down, or a firewall drops the packets.`],
      cause: error,
    })
  }
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : `the network says ${code}`
  return failure('CONNECTION_REFUSED', peer, `no connection to ${where}: ${why}`, {
    nextSteps: [`Check that sshd runs there and listens on port ${peer.endpoint.port}.`],
    cause: error,
  })
}

function trustStep(peer: Peer): string {
  const limit = peer.isJump ? '' : ` --limit ${peer.host}`
  return `gw trust ${peer.environment}${limit} shows the key's fingerprint and records it.`
}

function place(line: KnownKey): string {
  return cleanText(`${line.file}:${line.line}`)
}

function describeKey(key: HostKey): string {
  return `${keyType(key) ?? 'key'} ${fingerprint(key)}`
}

/** The error for a host key that may not be used; `null` for a trusted one. */
export function hostKeyFailure(peer: Peer, key: HostKey, judged: HostKeyState): GwError | null {
  const where = peerName(peer)
  const shown = describeKey(key)
  switch (judged.state) {
    case 'trusted':
      return null
    case 'unknown':
      return judged.authorities.length > 0
        ? authorityOnly(peer, shown, judged.authorities)
        : failure('HOST_KEY_UNKNOWN', peer, `the host key of ${where} is not known: ${shown}`, {
            nextSteps: [trustStep(peer)],
          })
    case 'changed': {
      const frame = judged.expected.map((line) => `expected ${describeKey(line.key)} (${place(line)})`)
      return failure(
        'HOST_KEY_CHANGED',
        peer,
        `the host key of ${where} is not the one that known_hosts holds; nothing was sent to it`,
        {
          frame: [...frame, `received ${shown}`].join('\n'),
          nextSteps: [
            'Find out why: a host installed anew has a new key, but so has somebody in between.',
            ...removeSteps(peer, judged.expected),
          ],
        },
      )
    }
    case 'revoked':
      return failure(
        'HOST_KEY_REVOKED',
        peer,
        `the host key of ${where} is revoked: ${shown} (${place(judged.by)})`,
        {
          nextSteps: ['Give the host a new key; one that was revoked must not be trusted again.'],
        },
      )
  }
}

/** What to type when a host's key changed for a good reason. */
function removeSteps(peer: Peer, expected: readonly KnownKey[]): string[] {
  const name = knownHostsName(peer.endpoint.address, peer.endpoint.port)
  const files = [...new Set(expected.map((line) => line.file))]
  return [
    ...files.map(
      (file) => `ssh-keygen -R '${name}' -f ${file} removes the old key, if the new one is right.`,
    ),
    trustStep(peer),
  ]
}

function authorityOnly(peer: Peer, shown: string, authorities: readonly KnownKey[]): GwError {
  const places = authorities.map(place).join(', ')
  const message = `the host key of ${peerName(peer)} is vouched for by a certificate authority only (${places}), which the ssh2 driver cannot check: ${shown}`
  return failure('HOST_KEY_UNKNOWN', peer, message, {
    nextSteps: ['Set `driver: openssh` for this host in the inventory.', trustStep(peer)],
  })
}

/** What was offered to the host and what it would accept; both in words for people. */
interface Refusal {
  readonly offered: readonly string[]
  /** Methods that the host still allows, by their protocol names; `null` when it did not say. */
  readonly allowed: readonly string[] | null
  readonly text: string
}

export function authenticationFailure(peer: Peer, refusal: Refusal): GwError {
  const offered = refusal.offered.length === 0 ? ['nothing'] : refusal.offered
  const allowed =
    refusal.allowed === null ? '' : `; it allows ${refusal.allowed.join(', ') || 'no further method'}`
  const { user } = peer.endpoint
  const message = `${peerName(peer)} refused to let ${user} in; offered: ${offered.join(', ')}${allowed}`
  return failure('AUTHENTICATION_FAILED', peer, cleanText(message), {
    ...frameOf(refusal.text),
    nextSteps: [
      `Check that the public key is in ~${user}/.ssh/authorized_keys on the host, and that the user is right.`,
      `Type \`${sshCommand(peer)}\` to try it by hand.`,
    ],
  })
}

/** There is no key to try, so the host was not even asked. */
export function nothingToOffer(peer: Peer, unusable: readonly string[]): GwError {
  const why =
    unusable.length === 0 ? 'the inventory names no identity file and there is no agent' : unusable.join('; ')
  return failure(
    'AUTHENTICATION_FAILED',
    peer,
    cleanText(`there is no key to offer to ${peerName(peer)}: ${why}`),
    {
      nextSteps: [
        'Set `identity_file` to a private key in the inventory, or start an agent and add the key with `ssh-add`.',
        'For FIDO keys, certificates and settings of ssh_config set `driver: openssh`.',
      ],
    },
  )
}

export function lostWhileConnecting(peer: Peer, why: string, text: string): GwError {
  return failure('CONNECTION_LOST', peer, `${peerName(peer)} ${why}`, {
    ...frameOf(text),
    nextSteps: [`Type \`${sshCommand(peer)}\` to see how far it gets.`],
  })
}

export function forwardingRefused(
  peer: Peer,
  jump: Endpoint,
  why: 'forbidden' | 'failed' | 'unsaid',
  text = '',
): GwError {
  const reasons = {
    forbidden: 'it does not allow TCP forwarding',
    failed: 'it could not reach that address itself',
    unsaid: 'it does not allow TCP forwarding, or could not reach that address itself',
  }
  const steps = {
    forbidden: [`Set \`AllowTcpForwarding yes\` in the sshd_config of ${jump.address}.`],
    failed: [`Check from ${jump.address} that the address and port of the inventory answer.`],
    unsaid: [
      `Check \`AllowTcpForwarding\` in the sshd_config of ${jump.address}, and the address in the inventory.`,
    ],
  }
  const message = `the jump host ${jump.user}@${jump.address}:${jump.port} opened no connection to ${peerName(peer)}: ${reasons[why]}`
  return failure('CONNECTION_REFUSED', peer, cleanText(message), { ...frameOf(text), nextSteps: steps[why] })
}

export function connectionLost(host: string, why: string): GwError {
  return new GwError('CONNECTION_LOST', why, {
    host,
    nextSteps: [RUN_AGAIN],
  })
}
