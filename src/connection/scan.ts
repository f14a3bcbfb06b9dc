import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import { abortReason, whenAborted } from './abort.js'
import { dial, type Forwarder } from './dial.js'
import { DroppedEarly } from './dropped-early.js'
import type { Peer } from './failures.js'
import type { HostKey } from './host-key.js'
import { knownKeyTypes, type KnownHosts } from './known-hosts.js'
import { algorithms } from './ssh2-handshake.js'

/**
 * Gets the key that a host shows, one of a type that `known` holds if it can. Nothing is authenticated, no user name is
 * sent.
 * @throws DroppedEarly when the connection ends before a key came, what `dial` throws, or the signal's reason
 */
export async function scanHostKey(
  peer: Peer,
  via: Forwarder | null,
  known: KnownHosts,
  signal: AbortSignal,
): Promise<HostKey> {
  const { address, port } = peer.endpoint
  const stream = await dial(peer, via, signal)
  return keyShown(stream, knownKeyTypes(known, address, port), signal)
}

/** Goes as far as the host's key and no further. Destroys the stream. */
function keyShown(stream: Duplex, knownTypes: readonly string[], signal: AbortSignal): Promise<HostKey> {
  const client = new ssh2.Client()
  return new Promise<HostKey>((resolve, reject) => {
    const onAbort = () => {
      reject(abortReason(signal))
      stream.destroy()
    }
    whenAborted(signal, onAbort)
    const end = (text: string) => {
      signal.removeEventListener('abort', onAbort)
      reject(new DroppedEarly(text))
      stream.destroy()
    }
    client.on('error', (error) => {
      end(error.message)
    })
    client.on('close', () => {
      end('')
    })
    client.connect({
      sock: stream,
      username: '',
      algorithms: algorithms(knownTypes),
      hostVerifier: (key: Buffer) => {
        resolve(new Uint8Array(key))
        return false
      },
      // The caller's signal bounds the whole of it.
      readyTimeout: 0,
    })
    if (signal.aborted) onAbort()
  })
}
