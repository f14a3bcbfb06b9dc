import { beforeEach, describe, expect, it } from 'vitest'
import type { HostEvent } from '../../src/drill/host-sampler.js'
import type { MeasuredLoad } from '../../src/drill/measurement.js'
import { ScenarioRecord } from '../../src/drill/scenario-record.js'
import { nginxStopped } from '../../src/drill/scenarios/nginx-stopped.js'

const BEGIN = Date.parse('2026-11-22T06:00:00.000Z')

const MEASURED: MeasuredLoad = {
  ...{ startedAt: new Date(BEGIN), clients: [], unmeasured: { http2: 'tls' }, latenessMs: 3 },
  ...{ requests: [], outageMs: 38 },
}

const CLOCKS = [{ host: 'gw-2', offsetMs: 40, errorMs: 1 }]

function address(host: string, at: number, holds: boolean): HostEvent {
  return { host, at: BEGIN + at, kind: 'address', holds }
}

const MOVED = [address('gw-1', 2110, false), address('gw-2', 2140, true)]

let record: ScenarioRecord

beforeEach(() => {
  record = new ScenarioRecord(nginxStopped, ['gw-1'], 'gw-1', 1000)
})

/** As a scenario comes to its end that goes well. */
function goesWell(): void {
  record.disturbedAt = BEGIN + 2100
  record.undoneAt = BEGIN + 3400
  record.undoneBy = 'gw'
  record.holderAfter = 'gw-2'
}

describe('the report of a scenario', () => {
  it('counts all times from when the load began', () => {
    goesWell()
    expect(record.report(MEASURED, MOVED, CLOCKS)).toMatchObject({
      ...{ name: 'nginx-stopped', expects: 'moves', verdict: 'pass', reasons: [], hosts: ['gw-1'] },
      ...{ startedAt: '2026-11-22T06:00:00.000Z', disturbedAt: 2100, undoneAt: 3400, undoneBy: 'gw' },
      ...{ holderBefore: 'gw-1', holderAfter: 'gw-2', outageMs: 38, clocks: CLOCKS },
      ...{ unmeasured: { http2: 'tls' }, latenessMs: 3 },
      holders: [
        { host: 'gw-1', from: 0, to: 2110 },
        { host: 'gw-2', from: 2140, to: null },
      ],
    })
  })

  it('tells what gw did and what hosts saw in one order', () => {
    goesWell()
    const step = record.step('disturbed')
    const seen: HostEvent[] = [
      { host: 'gw-2', at: step.at + 5, kind: 'vrrp', state: 'MASTER' },
      { host: 'gw-1', at: step.at - 5, kind: 'address', holds: false },
      { host: 'gw-2', at: step.at + 7, kind: 'address', holds: true },
    ]
    const { events } = record.report(MEASURED, seen, CLOCKS)
    const at = step.at - BEGIN
    expect(events).toEqual([
      { at: at - 5, host: 'gw-1', kind: 'address', text: 'has it no longer' },
      { at, host: null, kind: 'step', text: 'disturbed' },
      { at: at + 5, host: 'gw-2', kind: 'vrrp', text: 'MASTER' },
      { at: at + 7, host: 'gw-2', kind: 'address', text: 'has the virtual IP' },
    ])
  })

  it('says when two gateways had the virtual IP, and for how long', () => {
    goesWell()
    const seen = [address('gw-2', 2140, true), address('gw-1', 3390, false)]
    expect(record.report(MEASURED, seen, CLOCKS).events).toContainEqual({
      ...{ at: 2140, host: null, kind: 'step' },
      text: 'split brain: two gateways have the virtual IP, for 1250 ms',
    })
  })

  it('says so of two that have it still, without an end', () => {
    goesWell()
    const { events } = record.report(MEASURED, [address('gw-2', 2140, true)], CLOCKS)
    expect(events.map(({ text }) => text)).toContain('split brain: two gateways have the virtual IP')
  })

  it('is that of a scenario that did not come to its fault', () => {
    record.aborted = 'it failed with status 1'
    expect(record.report(MEASURED, [], [])).toMatchObject({
      ...{ verdict: 'aborted', reasons: ['it failed with status 1'], disturbedAt: null, undoneAt: null },
      ...{ undoneBy: null, holderAfter: null, holders: [{ host: 'gw-1', from: 0, to: null }] },
    })
  })

  it('has the longest outage that the drill allows, and what was not steady again', () => {
    goesWell()
    record.unsteady = ['requests failed after the undo as well']
    const { verdict, reasons } = record.report({ ...MEASURED, outageMs: 1200 }, MOVED, CLOCKS)
    expect(verdict).toBe('deviated')
    expect(reasons).toEqual([
      'clients were without an answer for 1200 ms, more than 1000 ms',
      'requests failed after the undo as well',
    ])
  })
})
