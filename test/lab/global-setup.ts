import type { TestProject } from 'vitest/node'
import { labDown } from '../../src/lab/down.js'
import { labUp } from '../../src/lab/up.js'

/** The lab that the suite runs on, as `inject('lab')` gives it to a test. */
export interface ProvidedLab {
  readonly name: string
  /** First three numbers of its /24, e.g. "198.18.7". */
  readonly prefix: string
  readonly virtualIp: string
  /** Absolute paths. */
  readonly stateDir: string
  readonly inventory: string
  readonly identityFile: string
  readonly knownHosts: string
  /** Addresses by host name. */
  readonly addresses: Readonly<Record<string, string>>
}

declare module 'vitest' {
  interface ProvidedContext {
    lab: ProvidedLab
  }
}

const report = (line: string): void => {
  process.stderr.write(`lab: ${line}\n`)
}

/**
 * Brings up a lab with bare hosts for the suite, and takes it down at the end unless GW_KEEP_LAB=1.
 * GW_TEST_LAB names it, for two suites at once on one machine; GW_TEST_LAB_IS_UP=1 says that it was just brought up.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = process.env['GW_TEST_LAB'] ?? 'test'
  if (process.env['GW_TEST_LAB_IS_UP'] !== '1') await labDown({ name, report })
  const { lab, stateDir, files } = await labUp({ name, report })
  project.provide('lab', {
    name,
    prefix: lab.prefix,
    virtualIp: lab.virtualIp,
    stateDir,
    inventory: files.inventory,
    identityFile: files.identityFile,
    knownHosts: files.knownHosts,
    addresses: Object.fromEntries(lab.hosts.map((host) => [host.name, host.address])),
  })
  return async () => {
    if (process.env['GW_KEEP_LAB'] === '1') report(`the lab ${name} stays up, as GW_KEEP_LAB says`)
    else await labDown({ name, report })
  }
}
