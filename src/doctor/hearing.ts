import type { VirtualIp } from '../model/gateway.js'
import { sh, type Script } from '../shell/script.js'
import { HEARING_PROGRAM } from './hearing-program.js'

/** `multicast` to 224.0.0.18, as keepalived sends by default, `unicast` to each host's address. */
export type Way = 'multicast' | 'unicast'

/** What a gateway heard of the others while all of them sent packets of VRRP's protocol (112) to each other. */
export interface Hearing {
  /** Why it could not send or listen at all; null when it could. */
  readonly failure: string | null
  /** The time to live of the first packet from each gateway that was heard, by way and name. */
  readonly heard: Readonly<Record<Way, Readonly<Record<string, number>>>>
  /** Ways on which the host's own system let nothing out, and what it said. */
  readonly refused: Readonly<Partial<Record<Way, string>>>
  /** Addresses of others that send adverts of the same virtual router. */
  readonly strangers: readonly string[]
}

export interface Roundtable {
  /** Hexadecimal digits that no other run has. */
  readonly nonce: string
  readonly virtualIp: VirtualIp
  /** The IPv4 addresses of the gateways that take part, all at the same time, by their names. */
  readonly addresses: Readonly<Record<string, string>>
}

/** In tenths of a second: long enough to hear a stranger who sends once a second; how long to wait for the last one. */
const LEAST_ROUNDS = 12
const MOST_ROUNDS = 30
export const MOST_HEARING_MS = MOST_ROUNDS * 100

/**
 * Sends packets of protocol 112 to the others and listens for theirs, 1.2 to 3 s; needs Perl's base. The packets have
 * version 0 and the virtual router 0, which no router may have, so nobody takes them for adverts.
 */
export function hearingScript({ nonce, virtualIp, addresses }: Roundtable, host: string): Script {
  const place = Object.keys(addresses).indexOf(host)
  const words = [
    ...[nonce, virtualIp.interface, String(virtualIp.virtualRouterId), virtualIp.unicast ? '0' : '1'],
    ...[String(LEAST_ROUNDS), String(MOST_ROUNDS), String(place), ...Object.values(addresses)],
  ]
  return sh`timeout 20 perl -e ${HEARING_PROGRAM} -- ${words} 2>&1 || echo 'failed the program ended early'`
}

/** Pure: what the script printed on a host, by the names of those that took part. */
export function parseHearing(output: string, names: readonly string[]): Hearing {
  const heardBy = (letter: string): Record<string, number> =>
    Object.fromEntries(
      [...output.matchAll(new RegExp(`^heard ${letter}(\\d+) (\\d+)$`, 'gm'))].flatMap(([, index, ttl]) => {
        const name = names[Number(index)]
        return name === undefined ? [] : [[name, Number(ttl)]]
      }),
    )
  const refused = (letter: string): string | null =>
    new RegExp(`^refused ${letter} (.*)$`, 'm').exec(output)?.[1] ?? null
  const [multicast, unicast] = [refused('m'), refused('u')]
  const failure = /^failed (.*)$/m.exec(output)?.[1] ?? null
  return {
    failure: failure ?? (/^end$/m.test(output) ? null : 'the program was cut short'),
    heard: { multicast: heardBy('m'), unicast: heardBy('u') },
    refused: { ...(multicast === null ? {} : { multicast }), ...(unicast === null ? {} : { unicast }) },
    strangers: [...output.matchAll(/^stranger ([0-9.]+)$/gm)].flatMap(([, address]) => address ?? []),
  }
}
