import { describe } from 'vitest'
import { judgeReleases } from '../../src/health/fleet/releases.js'
import { testFleetCases } from './fleet-cases.js'

describe('the releases of the pair', () => {
  testFleetCases('releases', ({ fleet }) => judgeReleases(fleet))
})
