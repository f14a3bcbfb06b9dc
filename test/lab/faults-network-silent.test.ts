import { beforeAll, describe, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { expectWholeAfter } from './fixtures/network-fault.js'
import { sample } from './fixtures/sample.js'

/** A network to a gateway that swallows everything: what is open now, or new connections as well until gw gives up. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

const OPEN = [
  ['first', '[1/1] Stage', 0, 'itself'],
  ['first', 'Prove it', 1, 'itself'],
  ['first', 'Confirm it', 12, 'resume'],
  ['last', 'Make sure', 2, 'itself'],
  ['last', '[1/1] Publish', 0, 'itself'],
] as const

const GONE = [
  ['first', '[1/1] Publish', 1, 'abort'],
  ['last', 'changed     Publish', 0, 'itself'],
  ['last', 'Confirm it', 2, 'resume'],
] as const

describe('a network that swallows what is open', () => {
  it.each(sample(OPEN, 1))(
    'to the gateway that is changed %s: at "%s", %i pieces later; then %s',
    async (host, line, pieces, then) => {
      await expectWholeAfter(fleet, { host, line, pieces }, { fault: 'frozen', then })
    },
  )
})

describe('a network that swallows everything until gw gives up', () => {
  it.each(sample(GONE, 1))(
    'to the gateway that is changed %s: at "%s", %i pieces later; then %s',
    async (host, line, pieces, then) => {
      await expectWholeAfter(fleet, { host, line, pieces }, { fault: 'gone', then })
    },
  )
})
