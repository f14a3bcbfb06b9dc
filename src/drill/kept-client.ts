import { whenAborted } from '../connection/abort.js'
import { Unserved } from './unserved.js'

/** A connection that stays open for many requests. */
export interface KeptConnection {
  /** Whether it takes another request. */
  readonly isOpen: boolean
  /** Fulfils when it has ended, with whether the gateway had announced that. */
  readonly ended: Promise<boolean>
  /** Asks once, and tells which gateway answered. @throws Unserved, and NotTaken for what can be asked again elsewhere */
  ask(): Promise<string | null>
  /** Ends it; all that is asked over it fails for this reason. */
  drop(reason: Unserved): void
}

/** A request that the gateway has not begun to answer: it announced the end of the connection before. */
export class NotTaken extends Error {}

/**
 * A client that asks over one connection for as long as it has it. While it has none, every request makes a connection of
 * its own, and the first that is made stays: one whose beginning is lost on the way holds up no other.
 */
export class KeptClient {
  readonly #dial: (signal: AbortSignal) => Promise<KeptConnection>
  readonly #onCut: () => void
  #kept: KeptConnection | null = null
  #isClosed = false

  /** `onCut` hears of each end that was not announced, and of each connection that is given up. */
  constructor(dial: (signal: AbortSignal) => Promise<KeptConnection>, onCut: () => void) {
    this.#dial = dial
    this.#onCut = onCut
  }

  /** Asks once; when the signal fires first, the connection is given up, whoever else asks over it. @throws Unserved */
  async ask(signal: AbortSignal): Promise<string | null> {
    for (;;) {
      try {
        return this.#kept?.isOpen === true ? await askOver(this.#kept, signal) : await this.#askAnew(signal)
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error
      }
    }
  }

  close(): void {
    this.#isClosed = true
    this.#kept?.drop(new Unserved('unsent', 'the load is over'))
  }

  async #askAnew(signal: AbortSignal): Promise<string | null> {
    const connection = await this.#dial(signal)
    const isSpare = this.#isClosed || this.#kept?.isOpen === true
    if (!isSpare) this.#keep(connection)
    try {
      return await askOver(connection, signal)
    } finally {
      if (isSpare) connection.drop(new Unserved('unsent', 'another connection is kept'))
    }
  }

  #keep(connection: KeptConnection): void {
    this.#kept = connection
    void connection.ended.then((isAnnounced) => {
      if (!isAnnounced && !this.#isClosed) this.#onCut()
    })
  }
}

async function askOver(connection: KeptConnection, signal: AbortSignal): Promise<string | null> {
  const giveUp = (): void => {
    connection.drop(new Unserved('timeout'))
  }
  signal.throwIfAborted()
  whenAborted(signal, giveUp)
  try {
    return await connection.ask()
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
