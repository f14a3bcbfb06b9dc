import { credentialsFor } from './authentication.js'
import type { ConnectionDriver, KeyScanner } from './connection.js'
import { dial } from './dial.js'
import { nothingToOffer } from './failures.js'
import { readKnownHosts } from './known-hosts-files.js'
import { handshake } from './ssh2-handshake.js'
import { Ssh2Wire } from './ssh2-wire.js'
import { WireDriver, type DriverOptions, type OpenWire } from './wire-driver.js'

const openWire: OpenWire<Ssh2Wire> = async (peer, via, timeoutMs, signal) => {
  const [credentials, known] = await Promise.all([
    credentialsFor(peer.endpoint),
    readKnownHosts(peer.endpoint.knownHosts),
  ])
  if (credentials.methods.length === 0) throw nothingToOffer(peer, credentials.unusable)
  const stream = await dial(peer, via, signal)
  const client = await handshake(stream, { peer, known, credentials, timeoutMs }, signal)
  return new Ssh2Wire(peer.endpoint, client, stream)
}

/** The default driver: a client of our own, on the ssh2 library. One instance serves a whole run. */
export function createSsh2Driver(options: DriverOptions): ConnectionDriver & KeyScanner {
  return new WireDriver(openWire, options)
}
