import type { Failure, Kind } from './sample.js'

/** What is told of a gateway when the virtual IP comes to it or goes. */
export function addressWords(holds: boolean): string {
  return holds ? 'has the virtual IP' : 'has it no longer'
}

/** What clients of a kind do, in words. */
export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  tcp: 'new TCP connections',
  tls: 'requests over new TLS connections',
  keepalive: 'requests over open connections',
  http2: 'requests over an open HTTP/2 connection',
}

/** The same where there is little room. */
export const KIND_TITLES: Readonly<Record<Kind, string>> = {
  tcp: 'new TCP',
  tls: 'new TLS',
  keepalive: 'open HTTP/1.1',
  http2: 'open HTTP/2',
}

/** Why a request was not answered, in words. */
export const FAILURE_WORDS: Readonly<Record<Failure, string>> = {
  refused: 'nobody listens there',
  reset: 'the connection ended without an answer',
  timeout: 'no answer in time',
  unreachable: 'there is no way there',
  tls: 'no TLS handshake, or a certificate that this machine does not trust',
  answer: 'the answer was not that of a gateway that is well',
  unsent: 'this machine was too busy to send anything',
}
