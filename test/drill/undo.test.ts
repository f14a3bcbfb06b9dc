import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { undoOn } from '../../src/drill/undo.js'
import { testHost } from '../engine/fixtures.js'
import { MovedState } from './moved-state.js'

const RUN = '0a1b2c3d'
const GW_1 = testHost('gw-1')

let state: MovedState
let abandon: AbortController

beforeEach(() => {
  state = new MovedState()
  abandon = new AbortController()
})

afterEach(() => {
  state.dispose()
})

function options(ms = 60_000) {
  return {
    run: RUN,
    serial: 0,
    reach: state.reach,
    ms,
    signal: abandon.signal,
    due: 'at 06:00:30 UTC, in 30 s',
  }
}

const undone = (by: string, run = RUN): string =>
  `${JSON.stringify({ time: '2026-11-22T06:00:00Z', run, scenario: 'nginx-stopped', by })}\n`

/** Arms a host with a program that undoes it, or ends with a status for so many times before. */
function arm(run = RUN, failures = 0): void {
  const { root } = state.pathsOf('gw-1')
  state.write('gw-1', 'drill/run', `${run}\n`)
  state.write('gw-1', 'drill/scenario', 'nginx-stopped\n')
  state.write('gw-1', 'failures', `${failures}\n`)
  state.write(
    'gw-1',
    'drill/undo',
    `left=$(cat ${root}/failures)
    echo "undone by $1 of $2" >>${root}/tries
    if [ "$left" -gt 0 ]; then
      echo $((left - 1)) >${root}/failures
      echo 'NGINX does not start' >&2
      exit 1
    fi
    printf '%s' '${undone('BY')}' | sed "s/BY/$1/" >${root}/drilled
    rm -r ${root}/drill\n`,
  )
}

describe('an undo by gw', () => {
  it('has the host undo what this run did there', async () => {
    arm()
    expect(await undoOn(GW_1, options())).toBe('gw')
    expect(state.read('gw-1', 'tries')).toBe(`undone by gw of ${RUN}\n`)
  })

  it.each([
    ['host', 'host'],
    ['boot', 'boot'],
    ['takeover', 'host'],
    ['gw', 'gw'],
  ])('finds out that it was undone before by %s', async (by, told) => {
    state.write('gw-1', 'drilled', undone(by))
    expect(await undoOn(GW_1, options())).toBe(told)
    expect(state.read('gw-1', 'tries')).toBeNull()
  })

  it('has nothing to do where nothing was armed, whatever an earlier run left', async () => {
    expect(await undoOn(GW_1, options())).toBe('gw')
    state.write('gw-1', 'drilled', undone('host', '99999999'))
    expect(await undoOn(GW_1, options())).toBe('gw')
  })

  it('leaves alone what another run armed', async () => {
    arm('99999999')
    expect(await undoOn(GW_1, options())).toBe('gw')
    expect(state.read('gw-1', 'tries')).toBeNull()
  })

  it('is tried again where the host cannot be reached, or cannot undo it', async () => {
    arm(RUN, 1)
    state.lose('gw-1', 1)
    expect(await undoOn(GW_1, options())).toBe('gw')
    expect(state.read('gw-1', 'tries')).toBe(`undone by gw of ${RUN}\n`.repeat(2))
  })

  it('is tried once at least, and then says why it is not done, and what to type', async () => {
    arm(RUN, 1000)
    await expect(undoOn(GW_1, options(0))).rejects.toMatchObject({
      ...{ code: 'DRILL_NOT_UNDONE', host: 'gw-1', frame: 'NGINX does not start' },
      message: 'what the drill did is not undone yet: it failed with status 1',
      nextSteps: [
        'gw exec ENV gw-1 -- sh /var/lib/gw/drill/undo gw',
        'The host tries it alone as well; gw health ENV says whether all is well again.',
      ],
    })
    expect(state.read('gw-1', 'drill/run')).toBe(`${RUN}\n`)
  })

  it('does not take the word of a program for it', async () => {
    arm()
    state.write('gw-1', 'drill/undo', 'exit 0\n')
    await expect(undoOn(GW_1, options(0))).rejects.toMatchObject({
      ...{ code: 'DRILL_NOT_UNDONE', message: 'what the drill did is not undone yet' },
    })
  })

  it('is given up by whoever gives everything up', async () => {
    arm()
    abandon.abort()
    await expect(undoOn(GW_1, options())).rejects.toMatchObject({
      ...{ code: 'INTERRUPTED', host: 'gw-1' },
      message: 'interrupted with the host disturbed; it undoes it alone at 06:00:30 UTC, in 30 s',
    })
    expect([state.asked.length, state.read('gw-1', 'tries')]).toEqual([1, null])
  })

  it('ends with a fault of gw itself', async () => {
    state.write('gw-1', 'drill/run', `${RUN}\n`)
    const broken = () => Promise.reject(new Error('no sense'))
    const reach = { ...state.reach, driver: { connect: broken } }
    await expect(undoOn(GW_1, { ...options(), reach })).rejects.toThrow('no sense')
  })
})

describe('the undo on a host that is down', () => {
  it('waits until the host is back, which has undone it at boot', async () => {
    state.write('gw-1', 'drilled', undone('boot'))
    state.lose('gw-1', 2)
    expect(await undoOn(GW_1, options())).toBe('boot')
  })
})
