import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { deployLab } from './fixtures/gateway.js'
import { deployPatient, expectFound, expectWell } from './fixtures/health-fault.js'
import {
  ANSWER_FAULTS,
  CERTIFICATE_FAULTS,
  CONFIGURATION_FAULTS,
  PROCESS_FAULTS,
} from './fixtures/health-faults.js'
import { installTools } from './fixtures/health-hosts.js'

/** Each fault of a gateway is made for real, found by one phase and by no other, and gone when it is mended. */

beforeAll(async () => {
  await deployPatient()
  await installTools()
  await expectWell()
})

afterEach(expectWell)

afterAll(deployLab)

describe.each([
  ['process and ports', PROCESS_FAULTS],
  ['configuration', CONFIGURATION_FAULTS],
  ['http', ANSWER_FAULTS],
  ['certificate', CERTIFICATE_FAULTS],
])('gw health: %s', (_phase, faults) => {
  it.each(faults)('$title', expectFound)
})
