import { inTurns } from '../engine/in-turns.js'
import type { Gateway } from '../model/gateway.js'
import { OWN_PATHS } from '../model/own-paths.js'
import { openFrom, openHere, type Open, type Way } from '../probe/open.js'
import { probeHttp, probeHttps, probeTls } from '../probe/probes.js'
import { placeOf } from './pool-files.js'
import type { AddressProbe, HostObservation, UpstreamProbe } from './observation.js'

/** What is tried by way of a gateway. */
export type Probed = Pick<HostObservation, 'own' | 'handshakes' | 'address' | 'upstreams'>

const HTTPS = 443

// How long is waited for an answer, in milliseconds. A gateway that is well needs a few.
const OWN_MS = 2000
const ADDRESS_MS = 1500
const UPSTREAM_MS = 1000
/** This machine may have no way to the virtual IP, and must not wait long to learn it. */
const HERE_MS = 500

/** How many servers of pools are tried at once: fewer than a connection forwards, so that lost ones hold up nothing else. */
const UPSTREAMS_AT_ONCE = 24

// Silent servers must not take the time of all that the host has answered, nor sshd's files: it tries on for minutes.
const SPARE_MS = 500
const UPSTREAMS_MS = 20_000

const ALGORITHMS = ['ecdsa', 'rsa'] as const

/** Tries what a gateway serves as its clients would, and the servers of its pools as it would. */
export class GatewayProber {
  readonly #gateway: Gateway
  readonly #roots: readonly string[]

  constructor(gateway: Gateway, roots: readonly string[]) {
    this.#gateway = gateway
    this.#roots = roots
  }

  /**
   * All at once; `own` is the gateway's own address. Servers of pools for which there is no time before `end` (as
   * `performance.now` has it) are left out.
   * @throws GwError when the connection to the host is lost
   */
  async probe(own: string, way: Way, end: number): Promise<Probed> {
    const { address } = this.#gateway.virtualIp
    const open = openFrom(way, own, HTTPS)
    const [ownProbe, addressProbe, handshakes, upstreams] = await Promise.all([
      this.#health(open, OWN_MS),
      this.#health(openFrom(way, address, HTTPS), ADDRESS_MS),
      Promise.all(ALGORITHMS.map((algorithm) => this.#handshake(algorithm, open))),
      this.#upstreams(way, end),
    ])
    return { own: ownProbe, address: addressProbe, handshakes, upstreams }
  }

  /** The virtual IP as this machine reaches it. */
  addressFromHere(): Promise<AddressProbe> {
    const { address } = this.#gateway.virtualIp
    return this.#health(openHere(address, HTTPS, HERE_MS), HERE_MS)
  }

  #health(open: Open, timeoutMs: number): Promise<AddressProbe> {
    const { domain } = this.#gateway
    return probeHttps(open, { domain, path: OWN_PATHS.health, timeoutMs, roots: this.#roots })
  }

  async #handshake(algorithm: 'ecdsa' | 'rsa', open: Open) {
    const { domain } = this.#gateway
    const probe = await probeTls(open, { domain, timeoutMs: OWN_MS, algorithm, roots: this.#roots })
    return { algorithm, probe }
  }

  /** A server of several pools is tried once for each way in which it is asked. */
  async #upstreams(way: Way, end: number): Promise<UpstreamProbe[]> {
    const wanted = this.#gateway.pools.flatMap(({ name, healthPath, servers }) =>
      servers.map(({ address, port }) => ({ pool: name, address, port, path: healthPath })),
    )
    const keyOf = ({ address, port, path }: (typeof wanted)[number]) => `${address} ${port} ${path ?? ''}`
    const different = [...new Map(wanted.map((server) => [keyOf(server), server])).values()]
    const last = Math.min(end - UPSTREAM_MS - SPARE_MS, performance.now() + UPSTREAMS_MS)
    const probes = await inTurns([...different.entries()], UPSTREAMS_AT_ONCE, async ([index, server]) => {
      // Some are tried even where a host may take hardly any time.
      if (index >= UPSTREAMS_AT_ONCE && performance.now() > last) return []
      const { address, port, path } = server
      const host = placeOf(server)
      const probe = await probeHttp(openFrom(way, address, port), { host, path, timeoutMs: UPSTREAM_MS })
      return [[keyOf(server), probe] as const]
    })
    const byKey = new Map(probes.flat())
    return wanted.flatMap((server) => {
      const probe = byKey.get(keyOf(server))
      return probe === undefined ? [] : [{ pool: server.pool, server: placeOf(server), probe }]
    })
  }
}
