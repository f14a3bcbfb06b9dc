import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { deployLab } from './fixtures/gateway.js'
import { deployPatient, expectFound, expectWell } from './fixtures/health-fault.js'
import { POOL_FAULTS } from './fixtures/health-faults.js'
import { FLEET_FAULTS, SILENT_FAULTS } from './fixtures/health-fleet-faults.js'
import { installTools } from './fixtures/health-hosts.js'

/** Each fault of pools and of the pair is made for real, found in its places and in no other, and gone when it is mended. */

beforeAll(async () => {
  await deployPatient()
  await installTools()
  await expectWell()
})

afterEach(expectWell)

afterAll(deployLab)

describe.each([
  ['pools', POOL_FAULTS],
  ['the pair', FLEET_FAULTS],
  ['hosts that do not say', SILENT_FAULTS],
])('gw health: %s', (_what, faults) => {
  it.each(faults)('$title', expectFound)
})
