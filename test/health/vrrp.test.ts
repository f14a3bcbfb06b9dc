import { describe } from 'vitest'
import { judgeVrrp } from '../../src/health/fleet/vrrp.js'
import { testFleetCases } from './fleet-cases.js'

describe('keepalived of the pair', () => {
  testFleetCases('vrrp', ({ fleet, gateway }) => judgeVrrp(fleet, gateway))
})
