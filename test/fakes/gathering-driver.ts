import type {
  Connection,
  ConnectionDriver,
  ConnectOptions,
  ExecRequest,
  ExecResult,
} from '../../src/connection/connection.js'
import type { HostConnection } from '../../src/model/host.js'

/**
 * Another driver, at which work waits until `together` hosts are at it, and then goes on for all of them. A caller that
 * keeps fewer hosts busy waits for ever; one that keeps more busy shows in `most`.
 */
export class GatheringDriver implements ConnectionDriver {
  /** The most hosts that were connecting or running a command at one time. */
  most = 0
  readonly #inner: ConnectionDriver
  readonly #together: number
  #busy = 0
  #waiting: (() => void)[] = []

  constructor(inner: ConnectionDriver, together: number) {
    this.#inner = inner
    this.#together = together
  }

  async connect(target: HostConnection, options: ConnectOptions): Promise<Connection> {
    const connection = await this.#work(() => this.#inner.connect(target, options))
    return {
      traffic: connection.traffic,
      exec: (request: ExecRequest): Promise<ExecResult> => this.#work(() => connection.exec(request)),
      forward: (address, port, signal) => connection.forward(address, port, signal),
      close: () => connection.close(),
    }
  }

  async #work<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1
    this.most = Math.max(this.most, this.#busy)
    try {
      await this.#gathered()
      return await work()
    } finally {
      this.#busy -= 1
    }
  }

  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#waiting.length < this.#together) return
      for (const go of this.#waiting.splice(0)) go()
    })
  }
}
