import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { ConnectionDriver, ExecRequest } from '../../src/connection/connection.js'
import { GwError } from '../../src/errors.js'
import type { Reach } from '../../src/engine/session.js'
import { Secret } from '../../src/model/secret.js'
import { AUDIT_FILE, STATE, statePaths, type StatePaths } from '../../src/model/state-paths.js'
import { packProgram } from '../../src/shell/loader.js'
import { LocalDriver } from '../fakes/local-driver.js'

/** Hosts that are folders of this machine: what a program says of gw's state on a host is meant for the host's folder. */
export class MovedState {
  readonly #folder = mkdtempSync(join(tmpdir(), 'gw-moved-'))
  /** Hosts that let nobody in for so many more times. */
  readonly #lost = new Map<string, number>()
  /** How often anybody asked to be let in. */
  readonly asked: string[] = []

  readonly reach: Reach = {
    driver: { connect: (target, options) => this.#connect(target, options) },
    resolveSecret: () => Promise.resolve(new Secret('unused')),
  }

  pathsOf(host: string): StatePaths {
    return statePaths(join(this.#folder, host))
  }

  /** Writes a file below a host's state. */
  write(host: string, path: string, text: string): void {
    const file = join(this.pathsOf(host).root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  /** What a file below a host's state says; null for none. */
  read(host: string, path: string): string | null {
    const file = join(this.pathsOf(host).root, path)
    return existsSync(file) ? readFileSync(file, 'utf8') : null
  }

  lose(host: string, times: number): void {
    this.#lost.set(host, times)
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true })
  }

  readonly #connect: ConnectionDriver['connect'] = async (_target, { host, signal }) => {
    this.asked.push(host)
    if (signal?.aborted === true) throw new GwError('INTERRUPTED', 'interrupted', { host })
    const left = this.#lost.get(host) ?? 0
    this.#lost.set(host, left - 1)
    if (left > 0) throw new GwError('CONNECTION_REFUSED', 'nothing listens there', { host })
    mkdirSync(this.pathsOf(host).root, { recursive: true })
    const connection = await new LocalDriver().connect()
    return { ...connection, exec: (request) => connection.exec(this.#moved(host, request)) }
  }

  #moved(host: string, request: ExecRequest): ExecRequest {
    const { input } = request
    if (!(input instanceof Uint8Array)) throw new Error('a program is sent in one piece')
    const text = gunzipSync(input.subarray(input.indexOf('\n'.charCodeAt(0)) + 1)).toString()
    const { root } = this.pathsOf(host)
    const moved = text.replaceAll(STATE.root, root).replaceAll(AUDIT_FILE, `${root}/audit.jsonl`)
    return { ...request, input: packProgram({ text: moved, data: [] }) }
  }
}
