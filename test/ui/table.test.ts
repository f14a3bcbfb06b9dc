import { describe, expect, it } from 'vitest'
import { columnsText, tableText } from '../../src/ui/table.js'
import { FakeTerminal } from '../fakes/terminal.js'

const plain = new FakeTerminal().paintOut
const tagged = new FakeTerminal({ colours: true }).paintOut

describe('a table', () => {
  it('aligns its columns and ends no line with blanks', () => {
    const rows = [
      ['gw-1', 'v1.2', ''],
      ['gateway-2', '', 'holds it'],
    ]
    expect(tableText(['HOST', 'RELEASE', 'VIP'], rows, plain).split('\n')).toEqual([
      'HOST       RELEASE  VIP',
      'gw-1       v1.2',
      'gateway-2           holds it',
    ])
  })

  it('colours texts and not the blanks between them', () => {
    const rows = [
      [{ text: 'no', style: 'red' as const }, 'x'],
      ['never', 'y'],
    ]
    expect(columnsText(rows, tagged)).toBe('<red>no</>     x\nnever  y')
  })

  it('shows what a cell holds on one line and without control characters', () => {
    expect(columnsText([['a\u001b[2Jb\nc', 'd']], plain)).toBe('ab\\x0ac  d')
  })
})
