import { describe } from 'vitest'
import { judgeHolder } from '../../src/health/fleet/holder.js'
import { testFleetCases } from './fleet-cases.js'

describe('who has the virtual IP', () => {
  testFleetCases('holder', ({ fleet, gateway }) => judgeHolder(fleet, gateway))
})
