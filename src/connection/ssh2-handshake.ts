import type { Duplex } from 'node:stream'
import ssh2, { type Algorithms, type AuthenticationType, type Client, type ClientErrorExtensions } from 'ssh2'
import { abortReason, whenAborted } from './abort.js'
import type { Credentials } from './authentication.js'
import { DroppedEarly } from './dropped-early.js'
import {
  authenticationFailure,
  connectDeadline,
  hostKeyFailure,
  lostWhileConnecting,
  type Peer,
} from './failures.js'
import { hostKeyAlgorithms, type HostKey } from './host-key.js'
import { judgeHostKey, knownKeyTypes, type KnownHosts } from './known-hosts.js'

interface HandshakePlan {
  readonly peer: Peer
  readonly known: KnownHosts
  readonly credentials: Credentials
  readonly timeoutMs: number
}

const KEEPALIVE_MS = 5000
const KEEPALIVE_COUNT = 3

/** Fast and sound choices only; no group exchange, which would keep the event loop busy for seconds. */
export function algorithms(knownTypes: readonly string[]): Algorithms {
  return {
    kex: [
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
      'diffie-hellman-group14-sha256',
      'diffie-hellman-group16-sha512',
    ],
    serverHostKey: hostKeyAlgorithms(knownTypes),
    cipher: [
      'aes128-gcm@openssh.com',
      'aes256-gcm@openssh.com',
      'chacha20-poly1305@openssh.com',
      'aes128-ctr',
      'aes256-ctr',
    ],
    hmac: [
      'hmac-sha2-256-etm@openssh.com',
      'hmac-sha2-512-etm@openssh.com',
      'hmac-sha2-256',
      'hmac-sha2-512',
    ],
    compress: ['none'],
  }
}

/** What is known of a handshake that is under way; decides which error an end of it is. */
class HandshakeState {
  hostKeyError: Error | null = null
  keysExchanged = false
  attempts = 0
  refusals = 0
  exhausted = false
  allowed: readonly string[] | null = null

  constructor(private readonly plan: HandshakePlan) {}

  judge(key: HostKey): boolean {
    const { peer, known } = this.plan
    const judged = judgeHostKey(known, peer.endpoint.address, peer.endpoint.port, key)
    this.hostKeyError = hostKeyFailure(peer, key, judged)
    return this.hostKeyError === null
  }

  /** The next method to try, or `false` when there is none left that the host would accept. */
  nextMethod(allowed: readonly AuthenticationType[] | null) {
    if (allowed !== null) {
      this.allowed = allowed
      this.refusals++
    }
    const method =
      allowed?.includes('publickey') === false ? undefined : this.plan.credentials.methods[this.attempts]
    this.attempts++
    this.exhausted = method === undefined
    return method ?? false
  }

  /** Whether the library goes on after this error by itself: an agent that is not there, a key that cannot sign. */
  isPassing(error: Error & ClientErrorExtensions): boolean {
    return error.level === 'agent' || (error.level === 'client-authentication' && !this.exhausted)
  }

  /** What an end of the connection means at this point. */
  failure(error: (Error & ClientErrorExtensions) | null): Error {
    const { peer, credentials, timeoutMs } = this.plan
    const text = error?.message ?? ''
    if (this.hostKeyError !== null) return this.hostKeyError
    if (error?.level === 'client-timeout') return connectDeadline(peer, timeoutMs)
    if (!this.keysExchanged) {
      if (error?.level !== 'handshake') return new DroppedEarly(text)
      return lostWhileConnecting(peer, 'and the ssh2 driver have no way in common to exchange keys', text)
    }
    if (this.exhausted || this.refusals > 0) {
      const offered = [...credentials.offered, ...credentials.unusable]
      return authenticationFailure(peer, { offered, allowed: this.allowed, text: this.exhausted ? '' : text })
    }
    return lostWhileConnecting(peer, 'closed the connection during authentication', text)
  }
}

/**
 * Makes an authenticated SSH connection over a stream, which is destroyed when that fails.
 * @throws GwError of the peer, DroppedEarly, or the signal's reason.
 */
export function handshake(stream: Duplex, plan: HandshakePlan, signal: AbortSignal): Promise<Client> {
  const client = new ssh2.Client()
  const state = new HandshakeState(plan)
  const { address, port, user } = plan.peer.endpoint
  return new Promise<Client>((resolve, reject) => {
    const fail = (error: Error) => {
      signal.removeEventListener('abort', onAbort)
      stream.destroy()
      reject(error)
    }
    const onAbort = () => {
      fail(abortReason(signal))
    }
    whenAborted(signal, onAbort)
    client.on('handshake', () => (state.keysExchanged = true))
    client.on('error', (error) => {
      if (!state.isPassing(error)) fail(state.failure(error))
    })
    client.on('close', () => {
      fail(state.failure(null))
    })
    client.on('ready', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(client)
    })
    client.connect({
      sock: stream,
      username: user,
      algorithms: algorithms(knownKeyTypes(plan.known, address, port)),
      hostVerifier: (key: Buffer) => state.judge(key),
      // The library's own first step, "none", costs a round trip and is never what we want.
      authHandler: (allowed: AuthenticationType[] | null) => state.nextMethod(allowed),
      readyTimeout: plan.timeoutMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
    })
    if (signal.aborted) onAbort()
  })
}
