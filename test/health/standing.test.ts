import { describe, expect, it } from 'vitest'
import type { NginxProcess, NginxProcesses } from '../../src/facts/nginx-processes.js'
import {
  masterOf,
  readSecondsAgo,
  standingOf,
  workersWanted,
  type Standing,
} from '../../src/health/standing.js'
import { hostSeen } from './observation.js'

/** Said shortly: `pid<parent role state age`, e.g. `700<1 master S 90000`. */
function processesOf(text: string): NginxProcess[] {
  return [...text.matchAll(/(\d+)<(\d+) (\w+) (\w) ([\d.]+)/g)].map(
    ([, pid, parent, role, state = '', ageSeconds]) => ({
      pid: Number(pid),
      parent: Number(parent),
      role: role as NginxProcess['role'],
      state,
      ageSeconds: Number(ageSeconds),
    }),
  )
}

function nginx(text: string, more: Partial<NginxProcesses> = {}): NginxProcesses {
  return { ...hostSeen().processes, processes: processesOf(text), ...more }
}

describe('NGINX', () => {
  it.each<[Standing, string, string]>([
    ['running', 'with its master and workers', '700<1 master S 9, 811<700 worker S 9'],
    [
      'running',
      'when one of its workers is held',
      '700<1 master S 9, 811<700 worker T 9, 812<700 worker R 9',
    ],
    ['running', 'when its master is held', '700<1 master T 9, 811<700 worker S 9'],
    ['halted', 'when all is held', '700<1 master T 9, 811<700 worker T 9'],
    ['halted', 'when a debugger holds the workers', '700<1 master S 9, 811<700 worker t 9'],
    ['halted', 'when its master has no workers', '700<1 master S 9'],
    [
      'halted',
      'when only its old workers are not held',
      '700<1 master T 9, 811<700 worker T 9, 801<700 draining S 9',
    ],
    ['orphaned', 'when its master is gone', '811<1 worker S 9'],
    ['orphaned', 'when its master is dead', '700<1 master Z 9, 811<1 worker S 9'],
    ['stopped', 'when there is nothing', ''],
    ['stopped', 'when all is dead', '700<1 master Z 9, 811<700 worker Z 9'],
    ['stopped', 'while it is just being started', '700<1 other S 1'],
    ['stopped', 'when it only finishes', '801<1 draining S 9, 813<1 helper S 9'],
  ])('is %s %s', (standing, _title, text) => {
    const { listeners } = hostSeen()
    expect(standingOf({ processes: nginx(text), listeners })).toBe(standing)
  })

  it.each<[Standing, number, readonly string[]]>([
    ['displaced', 443, ['apache2']],
    ['stopped', 8080, ['apache2']],
    ['stopped', 443, ['nginx', 'apache2']],
    ['stopped', 443, []],
    ['displaced', 8079, ['apache2']],
  ])('that does not run is %s when port %i is of %j', (standing, port, programs) => {
    const listeners = [{ address: '*', port, queued: 0, backlog: 5, dropped: 0, droppedNow: 0, programs }]
    expect(standingOf({ processes: nginx(''), listeners })).toBe(standing)
  })

  it.each<[number | null, string, number | null]>([
    [700, '700<1 master S 9, 900<1 master S 99', 700],
    [null, '700<1 master S 9, 900<1 master S 99', 900],
    [811, '700<1 master S 9, 811<700 worker S 9', 700],
    [700, '700<1 master Z 9', null],
  ])('has with the pid file %j of %s the master %j', (pidFile, text, master) => {
    expect(masterOf(nginx(text, { pidFile }))?.pid ?? null).toBe(master)
  })

  it.each<[string | null, number | null]>([
    [null, 1],
    ['auto', 2],
    ['1', 1],
    ['16', 16],
    ['0', null],
    ['-1', null],
    ['many', null],
    ['1e3', null],
  ])('is asked by worker_processes %j for %j workers', (workerProcesses, wanted) => {
    expect(workersWanted(nginx('', { workerProcesses }))).toBe(wanted)
  })

  it.each<[string, string, number | null]>([
    ['its workers are', '811<700 worker S 50, 812<700 worker S 51', 51],
    ['the oldest is when one has been replaced', '811<700 worker S 50, 812<700 worker S 3', 50],
    [
      'the new ones are while the old ones are still there',
      '811<700 worker S 50, 812<700 worker S 50, 821<700 worker S 0.1, 822<700 worker S 0.2',
      0.2,
    ],
    [
      'the new ones are while the old ones finish',
      '811<700 draining S 50, 821<700 worker S 2, 822<700 worker S 2',
      2,
    ],
    ['nobody knows without workers', '811<700 draining S 50', null],
    ['nobody knows of workers of another master', '811<1 worker S 50', null],
  ])('has read its files when %s', (_title, workers, seconds) => {
    expect(readSecondsAgo(nginx(`700<1 master S 90, ${workers}`))).toBe(seconds)
  })
})
