import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import { whenAborted } from './abort.js'
import { DroppedEarly } from './dropped-early.js'
import type { HostKey } from './host-key.js'
import { algorithms } from './ssh2-handshake.js'

/**
 * Goes as far as the host's key and no further: nothing is authenticated, no user name is sent. Destroys the stream.
 * @param knownTypes types of keys that known_hosts holds, so that the host shows one of those if it can
 * @throws DroppedEarly when the stream ends before a key came, or the signal's reason
 */
export function scanHostKey(
  stream: Duplex,
  knownTypes: readonly string[],
  signal: AbortSignal,
): Promise<HostKey> {
  const client = new ssh2.Client()
  return new Promise<HostKey>((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
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
