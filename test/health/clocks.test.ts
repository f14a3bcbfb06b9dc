import { describe } from 'vitest'
import { judgeClocks } from '../../src/health/fleet/clocks.js'
import { testFleetCases } from './fleet-cases.js'

describe('the clocks of the pair', () => {
  testFleetCases('clocks', ({ fleet }) => judgeClocks(fleet))
})
