import { request } from 'node:http'
import type { Socket } from 'node:net'
import { Unanswered } from '../probe/attempt.js'
import { answerTo } from '../probe/exchange.js'
import { NotTaken, type KeptConnection } from './kept-client.js'
import type { LoadTarget } from './load-target.js'
import { nodeIn, Unserved, unserved } from './unserved.js'

/** Requests by HTTP/1.1 over one connection, one after the other. */
export class Http1Connection implements KeptConnection {
  readonly ended: Promise<boolean>
  readonly #socket: Socket
  readonly #target: LoadTarget
  #isAnnounced = false
  #dropped: Unserved | null = null
  #before: Promise<unknown> = Promise.resolve()

  constructor(socket: Socket, target: LoadTarget) {
    this.#socket = socket
    this.#target = target
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        resolve(this.#isAnnounced)
      })
    })
  }

  get isOpen(): boolean {
    return !this.#isAnnounced && !this.#socket.destroyed
  }

  ask(): Promise<string | null> {
    const answer = this.#before.then(() => this.#exchange())
    this.#before = answer.catch(() => undefined)
    return answer
  }

  drop(reason: Unserved): void {
    this.#dropped ??= reason
    this.#socket.destroy()
  }

  async #exchange(): Promise<string | null> {
    if (this.#isAnnounced) throw new NotTaken()
    if (this.#socket.destroyed) throw this.#dropped ?? new Unserved('reset')
    const { domain, path } = this.#target
    const headers = { Host: domain, Connection: 'keep-alive' }
    const sent = request({ path, headers, createConnection: () => this.#socket })
    sent.once('response', (response) => {
      this.#isAnnounced = response.headers.connection?.toLowerCase() === 'close'
    })
    try {
      return nodeIn(await answerTo(sent))
    } catch (error) {
      if (error instanceof Unanswered) throw this.#dropped ?? unserved(error.cause, 'answer')
      throw error
    }
  }
}
