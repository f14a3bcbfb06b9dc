/**
 * Why something did not answer: `forbidden` (the host's sshd forwards nothing, which says nothing about the address),
 * `unreachable` (no TCP connection), `late` (within the time given), `tls` (no handshake), `http` (no whole answer).
 */
export type ProbeFailure = 'forbidden' | 'unreachable' | 'late' | 'tls' | 'http'

/** What an attempt to talk to something came to. `why` is safe to show. */
export type Probe<Answer> =
  { readonly answer: Answer } | { readonly failure: ProbeFailure; readonly why: string }

/** What a TLS handshake showed. */
export interface TlsAnswer {
  readonly protocol: 'TLSv1.2' | 'TLSv1.3'
  /** PEM, one each, as they were sent: the server's own first. */
  readonly chain: readonly string[]
  /** Why a client with the roots of this machine (and of the inventory) would not trust it; null when it would. */
  readonly distrusted: string | null
}

/** What an HTTP request was answered with. */
export interface WebAnswer {
  readonly status: number
  /** Where a redirect leads; null for none. Cleaned. */
  readonly location: string | null
  /** At most 64 KiB; as it came, so clean it before it is shown. */
  readonly body: string
  /** From the request to the end of the answer, without the handshake, in milliseconds. */
  readonly ms: number
}

/** What a server of a pool answered; without a path to ask, that it takes connections. */
export type ServerAnswer = WebAnswer | 'connected'
