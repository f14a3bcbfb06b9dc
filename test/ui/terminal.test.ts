import { describe, expect, it } from 'vitest'
import { detectTerminal } from '../../src/ui/terminal.js'
import { fakeProcess } from '../fakes/terminal.js'

const ALL = ['stdin', 'stdout', 'stderr'] as const
const XTERM = { TERM: 'xterm-256color' }
const RED = '\u001b[31mx\u001b[39m'

describe('a terminal is found', () => {
  it.each([
    ['in a terminal window', ALL, XTERM, { interactive: true, out: true, err: true }],
    [
      'when the result goes to a file',
      ['stdin', 'stderr'],
      XTERM,
      { interactive: true, out: false, err: true },
    ],
    [
      'when progress goes to a file',
      ['stdin', 'stdout'],
      XTERM,
      { interactive: false, out: true, err: false },
    ],
    ['when the input is a pipe', ['stdout', 'stderr'], XTERM, { interactive: false, out: true, err: true }],
    ['nowhere when all are pipes', [], XTERM, { interactive: false, out: false, err: false }],
    [
      'without colours when it is dumb',
      ALL,
      { TERM: 'dumb' },
      { interactive: false, out: false, err: false },
    ],
    ['without a person in CI', ALL, { ...XTERM, CI: 'true' }, { interactive: false, out: true, err: true }],
    [
      'with a person where CI is empty',
      ALL,
      { ...XTERM, CI: '' },
      { interactive: true, out: true, err: true },
    ],
    [
      'without colours by NO_COLOR',
      ALL,
      { ...XTERM, NO_COLOR: '1' },
      { interactive: true, out: false, err: false },
    ],
    [
      'with colours where NO_COLOR is empty',
      ALL,
      { ...XTERM, NO_COLOR: '' },
      { interactive: true, out: true, err: true },
    ],
    [
      'with colours in pipes by FORCE_COLOR',
      [],
      { FORCE_COLOR: '1' },
      { interactive: false, out: true, err: true },
    ],
    [
      'without colours by FORCE_COLOR=0',
      ALL,
      { ...XTERM, FORCE_COLOR: '0' },
      { interactive: true, out: false, err: false },
    ],
    [
      'with NO_COLOR over FORCE_COLOR',
      [],
      { NO_COLOR: '1', FORCE_COLOR: '1' },
      { interactive: false, out: false, err: false },
    ],
    [
      'dumb but with colours by FORCE_COLOR',
      ALL,
      { TERM: 'dumb', FORCE_COLOR: '1' },
      { interactive: false, out: true, err: true },
    ],
  ] as const)('%s', (_title, terminals, env, expected) => {
    const { interactive, paintOut, paintErr } = detectTerminal(fakeProcess(terminals, env))
    expect({ interactive, out: paintOut('red', 'x'), err: paintErr('red', 'x') }).toEqual({
      interactive: expected.interactive,
      out: expected.out ? RED : 'x',
      err: expected.err ? RED : 'x',
    })
  })
})
