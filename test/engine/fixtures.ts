import { randomBytes } from 'node:crypto'
import type { ConnectionDriver } from '../../src/connection/connection.js'
import type { RunReport } from '../../src/engine/report.js'
import type { RunOptions } from '../../src/engine/run-options.js'
import { Secret } from '../../src/model/secret.js'
import { ask, type Fact } from '../../src/facts/fact.js'
import type { Host } from '../../src/model/host.js'
import type { Inventory } from '../../src/model/inventory.js'
import type { Operation } from '../../src/operations/operation.js'
import { sh, type Script } from '../../src/shell/script.js'

export function testHost(name: string, groups: readonly string[] = ['all']): Host {
  return {
    name,
    groups,
    values: {},
    connection: {
      driver: 'ssh2',
      address: '127.0.0.1',
      port: 22,
      user: 'tester',
      identityFiles: [],
      agent: null,
      knownHosts: [],
      jump: [],
      become: { method: 'none' },
      connectTimeoutMs: 1000,
    },
  }
}

export function testInventory(hosts: readonly Host[]): Inventory {
  const groups = { all: hosts.map(({ name }) => name) }
  return { environment: 'test', file: '/test.yml', confirm: 'none', hosts, groups, gateway: null }
}

/** The first line of a file, or an empty text. */
export const firstLine: Fact<string, string> = {
  name: 'first-line',
  script: (paths) => sh`for path in ${paths}; do head -n 1 -- "$path" || echo; done`,
  parse: (output, paths) => paths.map((_path, index) => output.split('\n')[index] ?? ''),
}

/** Wants a file's first line to be \`line\`; \`script\` is what changes it. */
export function line(
  path: string,
  wanted: string,
  script: Script = sh`printf '%s\n' ${wanted} > ${path}`,
): Operation {
  const question = ask(firstLine, path)
  return {
    subject: path,
    questions: [question],
    decide: (answers) =>
      answers.to(question) === wanted
        ? { kind: 'ok', reason: 'the line is there' }
        : { kind: 'change', summary: `write ${wanted}`, script },
  }
}

/** Of this process alone: on this machine, which stands for all hosts, a run is stopped by a file of its name. */
export const RUN = randomBytes(4).toString('hex')

/** Options of a run on hosts that `driver` reaches; nobody is asked, nothing stops it. */
export function runOptions(
  driver: ConnectionDriver,
  names: readonly string[],
  more: Partial<RunOptions> = {},
): RunOptions {
  const hosts = names.map((name) => testHost(name))
  return {
    inventory: testInventory(hosts),
    hosts,
    reach: { driver, resolveSecret: () => Promise.resolve(new Secret('unused')) },
    run: RUN,
    forks: 50,
    check: false,
    lock: null,
    onFailure: 'revert',
    approve: () => Promise.resolve(true),
    emit: () => undefined,
    now: () => performance.now(),
    stop: new AbortController().signal,
    abandon: new AbortController().signal,
    ...more,
  }
}

/** The outcomes of every host's tasks. */
export function outcomes(report: RunReport): Record<string, string[]> {
  return Object.fromEntries(report.hosts.map((host) => [host.host, host.tasks.map((each) => each.outcome)]))
}
