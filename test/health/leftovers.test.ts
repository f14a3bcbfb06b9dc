import { describe } from 'vitest'
import { judgeLeftovers } from '../../src/health/fleet/leftovers.js'
import { testFleetCases } from './fleet-cases.js'

describe('what was left on the pair', () => {
  testFleetCases('leftovers', ({ fleet }) => judgeLeftovers(fleet))
})
