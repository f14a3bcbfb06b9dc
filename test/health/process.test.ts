import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NginxProcess, NginxProcesses } from '../../src/facts/nginx-processes.js'
import type { UnitState } from '../../src/facts/unit.js'
import { judgeProcess } from '../../src/health/phases/process.js'
import { hostSeen, unit } from './observation.js'
import { anySeconds, anyWord, expectReadable, judgesItsCases } from './phase-cases.js'

const anyPid = fc.integer({ min: 1, max: 12 })

const anyProcess: fc.Arbitrary<NginxProcess> = fc.record({
  pid: anyPid,
  parent: anyPid,
  role: fc.constantFrom('master', 'worker', 'draining', 'helper', 'other'),
  state: fc.oneof(fc.constantFrom('R', 'S', 'D', 'T', 't', 'Z', 'X'), anyWord),
  ageSeconds: anySeconds,
})

const anyProcesses: fc.Arbitrary<NginxProcesses> = fc.record({
  pidFile: fc.option(anyPid),
  processes: fc.array(anyProcess, { maxLength: 15 }),
  processors: fc.integer({ min: 1, max: 256 }),
  workerProcesses: fc.option(fc.oneof(fc.constantFrom('auto', '1', '2', '0', '-1'), anyWord)),
  shutdownSeconds: fc.option(fc.nat(3600)),
})

const anyUnit: fc.Arbitrary<UnitState | null> = fc.option(
  fc.record({
    load: fc.oneof(fc.constantFrom('loaded', 'not-found', 'masked'), anyWord),
    active: fc.oneof(fc.constantFrom('active', 'inactive', 'failed', 'activating'), anyWord),
    sub: anyWord,
    enabled: fc.oneof(fc.constantFrom('enabled', 'disabled', 'masked'), anyWord),
    needsDaemonReload: fc.boolean(),
    mainPid: anyPid,
    startedAt: fc.option(anySeconds),
    changedAt: fc.option(anySeconds),
    reloaded: fc.boolean(),
  }),
)

describe('the phase process', () => {
  judgesItsCases('process', judgeProcess)

  it('says something readable of whatever processes and units there are, and why it does not pass', () => {
    fc.assert(
      fc.property(
        anyProcesses,
        fc.record({ nginx: anyUnit, keepalived: anyUnit, liveness: anyUnit }),
        fc.option(fc.record({ ageSeconds: anySeconds, text: anyWord })),
        (processes, units, emergency) => {
          const { verdict, findings } = judgeProcess(
            hostSeen({ processes, units, configuration: { emergency } }),
          )
          findings.forEach(expectReadable)
          expect(verdict === 'pass' || findings.some(({ severity }) => severity !== 'warning')).toBe(true)
        },
      ),
    )
  })

  it.each(['T', 't', 'Z', 'X', 'gone'])('fails when any of the processes is %s', (state) => {
    const { processes } = hostSeen().processes
    for (const { pid } of processes) {
      const changed = processes
        .map((each) => (each.pid === pid ? { ...each, state } : each))
        .filter((each) => each.state !== 'gone')
      const { verdict } = judgeProcess(hostSeen({ processes: { processes: changed, workerProcesses: '2' } }))
      expect([pid, verdict]).toEqual([pid, 'fail'])
    }
  })

  it('asks for one worker where nginx.conf says nothing, for any number that it says, and for all processors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.constantFrom('number', 'auto'), (count, kind) => {
        const workers = Array.from({ length: count }, (_, index) => ({
          pid: 800 + index,
          parent: 700,
          role: 'worker' as const,
          state: 'S',
          ageSeconds: 100,
        }))
        const { processes } = hostSeen().processes
        const seen = hostSeen({
          processes: {
            processes: [...processes.filter(({ role }) => role === 'master'), ...workers],
            processors: kind === 'auto' ? count : 3,
            workerProcesses: kind === 'auto' ? 'auto' : String(count),
          },
          units: { nginx: unit(700) },
        })
        expect(judgeProcess(seen).verdict).toBe('pass')
      }),
    )
  })
})
