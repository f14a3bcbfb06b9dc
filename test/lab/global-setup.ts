import type { TestProject } from 'vitest/node'
import { labDown } from '../../src/lab/down.js'
import { labUp } from '../../src/lab/up.js'
import { shareProcessors } from './processor-share.js'
import { TEST_LABS } from './test-labs.js'

/** A lab that tests run on, as `ownLab` gives it to them. */
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
    labs: ProvidedLab[]
  }
}

const report = (line: string): void => {
  process.stderr.write(`lab: ${line}\n`)
}

/**
 * Brings up labs with bare hosts, one for each worker, and takes them down at the end unless GW_KEEP_LAB=1.
 * GW_TEST_LABS names them; GW_TEST_LABS_ARE_UP=1 says that they were just brought up.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const labs: ProvidedLab[] = []
  for (const name of TEST_LABS) labs.push(await broughtUp(name))
  const takeBack = shareProcessors()
  project.provide('labs', labs)
  return async () => {
    takeBack()
    const kept = process.env['GW_KEEP_LAB'] === '1'
    if (kept) report(`${TEST_LABS.join(', ')} stay up, as GW_KEEP_LAB says`)
    else for (const name of TEST_LABS) await labDown({ name, report })
  }
}

async function broughtUp(name: string): Promise<ProvidedLab> {
  if (process.env['GW_TEST_LABS_ARE_UP'] !== '1') await labDown({ name, report })
  const { lab, stateDir, files } = await labUp({ name, report })
  return {
    name,
    prefix: lab.prefix,
    virtualIp: lab.virtualIp,
    stateDir,
    inventory: files.inventory,
    identityFile: files.identityFile,
    knownHosts: files.knownHosts,
    addresses: Object.fromEntries(lab.hosts.map((host) => [host.name, host.address])),
  }
}
