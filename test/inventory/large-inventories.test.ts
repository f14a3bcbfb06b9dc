import { expect, test } from 'vitest'
import { textLoader } from './text-loader.js'

// What these took by the way that comes to mind first: minutes, or for ever.

const load = textLoader()

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n')
}

test('mistyped lists of thousands of hosts are told as fast as one', async () => {
  const text = [
    'hosts:',
    lines(20, (index) => `  host-${index}-[1:500]: { address: "h${index}-[1:500].example.com" }`),
    'groups:',
    lines(20, (index) => `  group-${index}: { hosts: ["hots-${index}-[1:500]"] }`),
  ].join('\n')
  expect(await load(text)).toBeNull()
})

test('groups that meet again below, level by level, are gone through once', async () => {
  const text = [
    'hosts:\n  host-1: { address: 10.0.0.1 }',
    'groups:',
    lines(60, (level) =>
      ['a', 'b'].map((side) => `  ${side}${level}: { children: [a${level + 1}, b${level + 1}] }`).join('\n'),
    ),
    '  a60: { hosts: [host-1] }\n  b60: { hosts: [host-1] }',
  ].join('\n')
  const inventory = await load(text)
  expect(inventory?.groups['a0']).toEqual(['host-1'])
  expect(inventory?.hosts[0]?.groups.slice(0, 2)).toEqual(['a0', 'b0'])
  expect(inventory?.hosts[0]?.groups.slice(-2)).toEqual(['a60', 'b60'])
})
