import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { SCENARIO_NAMES } from '../../../src/drill/scenarios/names.js'
import { SCENARIOS } from '../../../src/drill/scenarios/scenarios.js'
import { disturbanceOn } from './fake-programs.js'

describe('the scenarios', () => {
  it('stand under their names, in their order', () => {
    expect(SCENARIOS.map(({ name }) => name)).toEqual(SCENARIO_NAMES)
  })

  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'say what they do in one sentence each: %s',
    (_name, { summary, risk }) => {
      for (const sentence of [summary, risk]) expect(sentence).toMatch(/^\S.*[^.]$/)
    },
  )

  it('disturb all gateways only where the virtual IP is not to move to one of them', () => {
    for (const { on, expects } of SCENARIOS) if (on === 'gateways') expect(expects).not.toBe('moves')
  })

  it.each(SCENARIO_NAMES)('are clean POSIX shell in the eyes of shellcheck: %s', (name) => {
    const { ready, disturb, undo } = disturbanceOn(name)
    // SC2043: a list of one may be longer elsewhere. SC2016: words of nftables stand as they are.
    const args = ['--shell=sh', '--exclude=SC2043,SC2016', '--format=gcc', '-']
    for (const { text } of [ready, disturb, undo]) {
      const input = `set -eu\nby=gw\nexport by\n${text}\n`
      expect(spawnSync('shellcheck', args, { encoding: 'utf8', input }).stdout).toBe('')
    }
  })
})
