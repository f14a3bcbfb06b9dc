import { describe, expect, it } from 'vitest'
import type { FleetPlan, PlannedTask } from '../../src/engine/plan.js'
import { task } from '../../src/engine/playbook.js'
import type { HostReport, RunReport, TaskReport } from '../../src/engine/report.js'
import { GwError } from '../../src/errors.js'
import type { Decision, TextChange } from '../../src/operations/operation.js'
import { sh } from '../../src/shell/script.js'
import { planText } from '../../src/ui/plan-text.js'
import { errorText, recapText, tasksText } from '../../src/ui/text.js'
import { FakeTerminal } from '../fakes/terminal.js'

const plain = new FakeTerminal().paintOut
const tagged = new FakeTerminal({ colours: true }).paintOut

function planned(name: string, decision: Decision): PlannedTask {
  return { task: task(name, { subject: name, questions: [], decide: () => decision }), decision }
}

function change(name: string, summary: string, ...diffs: readonly TextChange[]): PlannedTask {
  return planned(name, { kind: 'change', summary, script: sh`true`, diffs })
}

const ok = (name: string) => planned(name, { kind: 'ok', reason: 'as wanted' })

function plan(hosts: Readonly<Record<string, readonly PlannedTask[]>>): FleetPlan {
  return { hosts: Object.entries(hosts).map(([host, tasks]) => ({ host, plays: [{ play: 'p', tasks }] })) }
}

describe('the text of a plan', () => {
  it('shows a change once for all hosts that share it, with its diff', () => {
    const diff = { path: '/f', before: 'a\n', after: 'b\n' }
    const tasks = [ok('Install'), change('Configure', 'new content', diff), change('Run', 'reload')]
    expect(planText(plan({ 'gw-1': tasks, 'gw-2': tasks }), plain).split('\n')).toEqual([
      'gw-1, gw-2',
      '  ~ Configure: new content',
      '      --- /f',
      '      +++ /f',
      '      @@ -1,1 +1,1 @@',
      '      -a',
      '      +b',
      '  ~ Run: reload',
    ])
  })

  it('shows the files that hosts have in common once, and those of one host under its name', () => {
    const configure = (priority: number) => {
      const diffs = ['one', `priority ${priority}`, 'two'].map((after, index) => {
        return { path: `/f${index}`, before: null, after: `${after}\n` }
      })
      return change('Configure', '3 new', ...diffs)
    }
    const text = planText(plan({ 'gw-1': [configure(100)], 'gw-2': [configure(90)] }), plain)
    const shown = text.split('\n').filter((line) => !/^ +(---|\+\+\+|@@)/.test(line))
    expect(shown).toEqual([
      'gw-1, gw-2',
      '  ~ Configure: 3 new',
      '      +one',
      'gw-1',
      '  ~ Configure: 3 new',
      '      +priority 100',
      'gw-1, gw-2',
      '  ~ Configure: 3 new',
      '      +two',
      'gw-2',
      '  ~ Configure: 3 new',
      '      +priority 90',
    ])
  })

  it('keeps hosts apart where they differ, and names those with nothing to change', () => {
    const text = planText(
      plan({
        'gw-1': [change('Configure', 'priority 100'), change('Run', 'reload')],
        'gw-2': [change('Configure', 'priority 90'), change('Run', 'reload')],
        'gw-3': [ok('Configure'), ok('Run')],
        'gw-4': [],
      }),
      plain,
    )
    expect(text.split('\n')).toEqual([
      'gw-1',
      '  ~ Configure: priority 100',
      'gw-1, gw-2',
      '  ~ Run: reload',
      'gw-2',
      '  ~ Configure: priority 90',
      'gw-3, gw-4',
      '  nothing to change',
    ])
  })

  it('shows two tasks that read the same twice, each host once', () => {
    const twice = [change('Say', 'run the command'), change('Say', 'run the command')]
    expect(planText(plan({ 'gw-1': twice, 'gw-2': twice }), plain).split('\n')).toEqual([
      'gw-1, gw-2',
      '  ~ Say: run the command',
      '  ~ Say: run the command',
    ])
  })

  it('is empty for a plan of no host', () => {
    expect(planText(plan({}), plain)).toBe('')
  })

  it('keeps a change on one line, whatever words came from a host', () => {
    const hostile = change('Link', 'leads to \u001b[2J\nnothing to change')
    expect(planText(plan({ 'gw-1': [hostile] }), plain)).toBe(
      'gw-1\n  ~ Link: leads to \\x0anothing to change',
    )
  })

  it('is coloured', () => {
    expect(planText(plan({ 'gw-1': [change('Run', 'reload')] }), tagged)).toBe(
      '<bold>gw-1</>\n  <yellow>~</> Run: reload',
    )
  })
})

function report(...hosts: HostReport[]): RunReport {
  const release = { release: null, before: {}, end: 'untouched' } as const
  return { run: 'r', check: false, interrupted: false, declined: false, ...release, hosts, ms: 0 }
}

function ended(outcome: TaskReport['outcome'], summary = 's'): TaskReport {
  return { task: 't', outcome, summary, ms: 0 }
}

describe('the recap', () => {
  it('has a line a host, lined up, with its counts', () => {
    const tasks = [ended('ok'), ended('changed'), ended('changed'), ended('failed'), ended('skipped')]
    const text = recapText(
      report(
        { host: 'gw-1', outcome: 'failed', tasks, error: null },
        { host: 'customer-1', outcome: 'unreachable', tasks: [], error: null },
      ),
      plain,
    )
    expect(text.split('\n')).toEqual([
      'gw-1        failed      ok=1 changed=2 skipped=1 failed=1',
      'customer-1  unreachable ok=0 changed=0 skipped=0 failed=0',
    ])
  })

  it('colours the outcome', () => {
    const host: HostReport = { host: 'gw-1', outcome: 'changed', tasks: [], error: null }
    expect(recapText(report(host), tagged)).toContain('gw-1  <yellow>changed    </> ok=0')
  })
})

describe('the tasks of a run', () => {
  it('stand under their host, one line each, with the reason', () => {
    const tasks = [ended('ok', 'the link leads to \u001b]0;x\u0007\ny'), ended('changed', 'start')]
    expect(tasksText(report({ host: 'gw-1', outcome: 'changed', tasks, error: null }), plain)).toBe(
      'gw-1\n  ok          t: the link leads to \\x0ay\n  changed     t: start',
    )
  })
})

describe('the text of an error', () => {
  it('says what, where and why, and what to type next', () => {
    const error = new GwError('INVENTORY_INVALID', 'the host `gw-9` is not there; did you mean `gw-1`?', {
      host: 'gw-9',
      at: { file: 'inventory/lab.yml', line: 3, column: 7 },
      frame: '  3 | gw-9\n    | ^',
      nextSteps: ['gw inventory show lab', 'gw plan lab'],
    })
    expect(errorText(error, plain).split('\n')).toEqual([
      'Error INVENTORY_INVALID gw-9: the host `gw-9` is not there; did you mean `gw-1`?',
      '  at inventory/lab.yml:3:7',
      '  |   3 | gw-9',
      '  |     | ^',
      'Next:',
      '  gw inventory show lab',
      '  gw plan lab',
    ])
  })

  it('is one line when there is no more to say', () => {
    expect(errorText(new GwError('INTERRUPTED', 'stopped'), plain)).toBe('Error INTERRUPTED stopped')
  })

  it('shows the causes only when they are asked for, all of them', () => {
    const root = new Error('the root\u001b[2J')
    const error = new GwError('INTERNAL', 'm', { cause: new Error('between', { cause: root }) })
    expect(errorText(error, plain)).not.toContain('between')
    const verbose = errorText(error, plain, true)
    expect(verbose).toMatch(/caused by Error: between[\s\S]*caused by Error: the root\n/)
    expect(verbose).not.toContain('\u001b')
  })

  it('lets no word in it act on the terminal', () => {
    const hostile = 'a\u001b[2J\u202eb'
    const error = new GwError('TASK_BLOCKED', hostile, { frame: hostile, nextSteps: [hostile] })
    expect(errorText(error, plain)).toBe('Error TASK_BLOCKED a\\u202eb\n  | a\\u202eb\nNext:\n  a\\u202eb')
  })

  it('colours the code and the host', () => {
    const error = new GwError('TASK_FAILED', 'm', { host: 'gw-1' })
    expect(errorText(error, tagged)).toBe('<red>Error TASK_FAILED</> <bold>gw-1</>: m')
  })
})
