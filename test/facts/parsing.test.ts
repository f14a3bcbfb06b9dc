import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { addressHeld } from '../../src/facts/address.js'
import { aptState } from '../../src/facts/apt-state.js'
import { configurationCheck } from '../../src/facts/configuration-check.js'
import { diskRoom } from '../../src/facts/disk-room.js'
import { drillState } from '../../src/facts/drill-state.js'
import type { Fact } from '../../src/facts/fact.js'
import { fileState } from '../../src/facts/file.js'
import { gatewayFitness } from '../../src/facts/gateway-fitness.js'
import { guardStatus } from '../../src/facts/guard.js'
import { hostSystem } from '../../src/facts/host-system.js'
import { listeners } from '../../src/facts/listeners.js'
import { liveTexts } from '../../src/facts/live-texts.js'
import { lockState } from '../../src/facts/lock-state.js'
import { networkInterfaces } from '../../src/facts/network-interfaces.js'
import { nginxBuild } from '../../src/facts/nginx-build.js'
import { nginxProcesses } from '../../src/facts/nginx-processes.js'
import { nodeName } from '../../src/facts/node-name.js'
import { packageState } from '../../src/facts/package.js'
import { sysctlValue } from '../../src/facts/sysctl.js'
import { unitState } from '../../src/facts/unit.js'
import { userState } from '../../src/facts/user.js'
import { vrrpState } from '../../src/facts/vrrp-state.js'

const FACTS: readonly Fact<unknown, unknown>[] = [
  addressHeld,
  aptState,
  configurationCheck,
  diskRoom,
  drillState,
  fileState,
  gatewayFitness,
  guardStatus,
  hostSystem,
  listeners,
  liveTexts,
  lockState,
  networkInterfaces,
  nginxBuild,
  nginxProcesses,
  nodeName,
  packageState,
  sysctlValue,
  unitState,
  userState,
  vrrpState,
]
const CASES = new URL('../cases/facts/', import.meta.url)

/** A case: `<name>.txt` is what a host printed; `<name>.json` what it was asked and what that means. */
interface FactCase {
  readonly args: readonly unknown[]
  /** Absent where the output must be refused. */
  readonly answers?: readonly unknown[]
}

describe.each(FACTS.map((fact) => [fact.name, fact] as const))('the fact "%s"', (name, fact) => {
  const files = readdirSync(new URL(`${name}/`, CASES)).filter((file) => file.endsWith('.txt'))

  it.each(files.map((file) => file.replace(/\.txt$/, '')))('understands %s', (title) => {
    const output = readFileSync(new URL(`${name}/${title}.txt`, CASES), 'utf8')
    const { args, answers } = JSON.parse(
      readFileSync(new URL(`${name}/${title}.json`, CASES), 'utf8'),
    ) as FactCase
    if (answers === undefined) expect(() => fact.parse(output, args)).toThrow()
    else expect(fact.parse(output, args)).toEqual(answers)
  })
})
