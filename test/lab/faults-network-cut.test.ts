import { beforeAll, describe, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { expectWholeAfter } from './fixtures/network-fault.js'
import { sample } from './fixtures/sample.js'

/** The connections to a gateway are closed, with or without a word, at every step of a deploy. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

const POINTS = [
  ['reset', '[1/1] Stage', 0],
  ['end', 'changed     Stage', 1],
  ['reset', 'Make sure', 2],
  ['end', '[1/1] Publish', 0],
  ['reset', '[1/1] Publish', 1],
  ['reset', 'changed     Publish', 0],
  ['end', 'Prove it', 2],
  ['reset', 'Confirm it', 12],
] as const

describe.each(['first', 'last'] as const)('the connections to the gateway that is changed %s', (host) => {
  it.each(sample(POINTS, 1))('may go: %s at "%s", %i pieces later', async (fault, line, pieces) => {
    await expectWholeAfter(fleet, { host, line, pieces }, { fault, then: 'itself' })
  })
})
