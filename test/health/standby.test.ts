import { describe } from 'vitest'
import { judgeStandby } from '../../src/health/fleet/standby.js'
import { testFleetCases } from './fleet-cases.js'

describe('whether a standby could take over', () => {
  testFleetCases('standby', ({ fleet, hosts }) => judgeStandby(fleet, hosts))
})
