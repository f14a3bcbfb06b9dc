import type { Duplex } from 'node:stream'
import { GwError } from '../errors.js'
import type { Endpoint, HostConnection } from '../model/host.js'
import type { HostKey } from './host-key.js'

/** One command on a host. Everything that is not fixed text travels as `input`, never in `command`. */
export interface ExecRequest {
  /** A constant of gw's own; it must not contain a value from an inventory, a host or a user. */
  readonly command: string
  /**
   * What goes to the command's standard input, which is closed after the last piece. Pieces that come later (a sudo
   * password that waits for its prompt) are an async iterable; it is told to return when the command ends first.
   */
  readonly input: Uint8Array | AsyncIterable<Uint8Array>
  /** How long the command may take, in milliseconds; past it the channel is closed and DEADLINE_PASSED thrown. */
  readonly deadlineMs: number
  /** How many bytes stdout and stderr together may have; past it the channel is closed and OUTPUT_TOO_LARGE thrown. */
  readonly maxOutputBytes: number
  readonly onStdout: (chunk: Uint8Array) => void
  readonly onStderr: (chunk: Uint8Array) => void
  /** Ends the channel at once; the promise then rejects with INTERRUPTED. */
  readonly signal?: AbortSignal
}

/** How a command ended: by itself with `exitCode`, or by a signal (then `exitCode` is null). */
export interface ExecResult {
  readonly exitCode: number | null
  readonly signal: string | null
}

/** What a connection has cost so far, as the driver saw it. */
export interface Traffic {
  /** Exec channels opened. */
  readonly channels: number
  /** Bytes of commands and their input, before encryption. */
  readonly bytesSent: number
  /** Bytes of stdout and stderr. */
  readonly bytesReceived: number
}

/** CONNECTION_REFUSED because the host's sshd forwards nothing: about the address it says nothing. */
export class ForwardingForbidden extends GwError {}

/** An authenticated connection to one host, kept for a whole run. */
export interface Connection {
  readonly traffic: Traffic
  /**
   * Runs one command. At most 8 run at once on a connection; further ones wait for their turn.
   * @throws GwError CONNECTION_LOST when the connection ends before the command does, DEADLINE_PASSED,
   *   OUTPUT_TOO_LARGE, INTERRUPTED; all with `host` set. They close the channel: the command sees the end of its input
   *   and, when it prints, a broken pipe; one that does neither goes on at the host until it ends by itself.
   *   A command's own non-zero exit is a result, not an error.
   */
  exec(request: ExecRequest): Promise<ExecResult>
  /**
   * Opens a TCP connection to an address and port as the host reaches them. At most 32 are open at once on a
   * connection; the caller sees to it that they are closed, and they end with this connection. `signal` ends the opening only.
   * @throws GwError CONNECTION_REFUSED when nothing listens there or the host cannot reach it (ForwardingForbidden when
   *   the host forwards nothing), DEADLINE_PASSED after 5 s, CONNECTION_LOST, INTERRUPTED; all with `host` set
   */
  forward(address: string, port: number, signal?: AbortSignal): Promise<Duplex>
  /** Ends the connection, and with CONNECTION_LOST, `why` in words, what still runs on it. Never throws, may be called twice. */
  close(why?: string): Promise<void>
}

export interface ConnectOptions {
  /** Name of the host for messages. */
  readonly host: string
  readonly signal?: AbortSignal
}

/** A way to reach hosts. */
export interface ConnectionDriver {
  /**
   * @throws GwError NAME_NOT_RESOLVED, CONNECTION_REFUSED, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED,
   *   AUTHENTICATION_FAILED, CONNECTION_LOST (it ended during the handshake), DEADLINE_PASSED, INTERRUPTED; all with
   *   `host` set and with next steps.
   */
  connect(target: HostConnection, options: ConnectOptions): Promise<Connection>
}

/** A way to look at a host's key without logging in there. */
export interface KeyScanner {
  /**
   * Gets the key that the last endpoint of a chain shows; the others are logged in to, with their own keys verified.
   * @throws GwError as `connect`, without the errors about the last endpoint's own key and authentication
   */
  scan(chain: readonly Endpoint[], timeoutMs: number, options: ConnectOptions): Promise<HostKey>
}
