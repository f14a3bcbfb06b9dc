import { credentialsFor } from './authentication.js'
import type { ConnectionDriver } from './connection.js'
import { dialTcp } from './dial.js'
import { WireDriver, type DriverOptions, type KeyScanner, type OpenWire } from './driver.js'
import { nothingToOffer } from './failures.js'
import { readKnownHosts } from './known-hosts-files.js'
import { handshake } from './ssh2-handshake.js'
import { Ssh2Wire } from './ssh2-wire.js'

const openWire: OpenWire<Ssh2Wire> = async (peer, via, timeoutMs, signal) => {
  const [credentials, known] = await Promise.all([
    credentialsFor(peer.endpoint),
    readKnownHosts(peer.endpoint.knownHosts),
  ])
  if (credentials.methods.length === 0) throw nothingToOffer(peer, credentials.unusable)
  const stream = via === null ? await dialTcp(peer, signal) : await via.forward(peer, signal)
  const client = await handshake(stream, { peer, known, credentials, timeoutMs }, signal)
  return new Ssh2Wire(peer.endpoint, client, stream)
}

/** The default driver: a client of our own, on the ssh2 library. One instance serves a whole run. */
export function createSsh2Driver(options: DriverOptions): ConnectionDriver & KeyScanner {
  return new WireDriver(openWire, options)
}
