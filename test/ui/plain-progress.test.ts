import { describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src/engine/events.js'
import { GwError } from '../../src/errors.js'
import { plainProgress } from '../../src/ui/plain-progress.js'
import { progressFor } from '../../src/ui/progress-for.js'
import { FakeTerminal } from '../fakes/terminal.js'

const error = new GwError('TASK_FAILED', 'task "Run NGINX" failed with status 1', { host: 'gw-2' })

const EVENTS: readonly EngineEvent[] = [
  { type: 'run.started', run: '0a1b2c3d', playbook: 'deploy', hosts: ['gw-1', 'gw-2'], check: false },
  { type: 'host.gathered', host: 'gw-1', ms: 140 },
  { type: 'host.gathered', host: 'gw-2', ms: 251 },
  { type: 'plan.ready', plan: { hosts: [] } },
  { type: 'play.started', play: 'Configure', changes: 2, batches: [['gw-1'], ['gw-2']], trial: true },
  { type: 'task.started', host: 'gw-1', task: 'Configure NGINX', index: 1, of: 2 },
  {
    type: 'task.ended',
    host: 'gw-1',
    task: 'Configure NGINX',
    outcome: 'changed',
    summary: 'new content',
    ms: 49,
  },
  { type: 'run.stopping' },
  { type: 'host.failed', host: 'gw-2', error },
  { type: 'host.ended', host: 'gw-1', play: 'Configure', changed: 1, ms: 300 },
  { type: 'play.ended', play: 'Configure' },
]

function shown(events: readonly EngineEvent[], colours = false): FakeTerminal {
  const terminal = new FakeTerminal({ colours })
  const progress = plainProgress(terminal)
  for (const event of events) progress.handle(event)
  return terminal
}

describe('plain progress', () => {
  it('says on stderr what begins and ends, one line each, and nothing on stdout', () => {
    const { errText, outText } = shown(EVENTS)
    expect(errText.split('\n')).toEqual([
      'gw-1         facts gathered (0.1 s)',
      'gw-2         facts gathered (0.3 s)',
      'gw-1         [1/2] Configure NGINX ...',
      'gw-1         changed     Configure NGINX: new content (0.0 s)',
      'Stopping after the tasks that are running. Press Ctrl-C again to abandon them.',
      'gw-2         TASK_FAILED: task "Run NGINX" failed with status 1',
      '',
    ])
    expect(outText).toBe('')
  })

  it('colours outcomes and failures only', () => {
    const lines = shown(EVENTS, true).errText.split('\n')
    expect(lines.filter((line) => line.includes('<'))).toEqual([
      'gw-1         <yellow>changed    </> Configure NGINX: new content (0.0 s)',
      'gw-2         <red>TASK_FAILED: task "Run NGINX" failed with status 1</>',
    ])
  })

  it('keeps one line for each, whatever words came from a host', () => {
    const hostile = 'link to \u001b[2J\nok'
    const { errText } = shown([
      { type: 'task.ended', host: 'gw-1', task: 'a', outcome: 'changed', summary: hostile, ms: 0 },
      { type: 'host.failed', host: 'gw-1', error: new GwError('TASK_BLOCKED', hostile) },
    ])
    expect(errText.split('\n')).toEqual([
      'gw-1         changed     a: link to \\x0aok (0.0 s)',
      'gw-1         TASK_BLOCKED: link to \\x0aok',
      '',
    ])
  })

  it('is what pipes get, and --json gets silence', async () => {
    const piped = new FakeTerminal()
    const silent = new FakeTerminal()
    const views = [await progressFor(piped, { json: false }), await progressFor(silent, { json: true })]
    for (const view of views) {
      for (const event of EVENTS) view.handle(event)
      await view.settle()
    }
    expect(piped.errText).toBe(shown(EVENTS).errText)
    expect(silent.errText + silent.outText).toBe('')
  })
})
