import { afterEach, describe, expect, it } from 'vitest'
import { SCENARIO_NAMES, type ScenarioName } from '../../../src/drill/scenarios/names.js'
import { disturbanceOn, FakePrograms } from './fake-programs.js'

let programs: FakePrograms
afterEach(() => {
  programs.remove()
})

const undo = (name: ScenarioName, by: string, systemctl = ':') => {
  programs = new FakePrograms({ systemctl, nft: ':', umount: ':', rm: ':' })
  return programs.run(disturbanceOn(name).undo, by)
}
const asked = () => programs.calls.filter((call) => call.startsWith('systemctl'))

describe('an undo', () => {
  it.each(SCENARIO_NAMES)('at boot leaves the units to systemd: %s', async (name) => {
    expect((await undo(name, 'boot')).exitCode).toBe(0)
    expect(asked()).toEqual([])
  })

  it.each<[ScenarioName, string]>([
    ['nginx-stopped', 'nginx.service'],
    ['nginx-killed', 'nginx.service'],
    ['keepalived-stopped', 'keepalived.service'],
    ['keepalived-killed', 'keepalived.service'],
  ])('starts what was ended, and fails when that fails: %s', async (name, unit) => {
    expect((await undo(name, 'host')).exitCode).toBe(0)
    expect(asked().at(-1)).toBe(`systemctl <start> <${unit}>`)
    programs.remove()
    expect((await undo(name, 'host', 'case $1 in start) exit 1 ;; esac')).exitCode).toBe(1)
  })

  it('has a host that stood still go on, keepalived last', async () => {
    expect((await undo('host-frozen', 'gw')).exitCode).toBe(0)
    expect(asked()).toEqual(
      ['nginx.service', 'gw-liveness.service', 'keepalived.service'].map(
        (unit) => `systemctl <kill> <--signal=SIGCONT> <${unit}>`,
      ),
    )
  })

  it.each<ScenarioName>(['nginx-hung', 'host-frozen'])(
    'fails when a unit that runs cannot go on, and not when it does not run: %s',
    async (name) => {
      expect((await undo(name, 'gw', 'case $1 in kill) exit 1 ;; esac')).exitCode).toBe(1)
      programs.remove()
      expect((await undo(name, 'gw', 'exit 1')).exitCode).toBe(0)
    },
  )

  it('of a reboot that has begun is left to the boot', async () => {
    const { exitCode, stderr } = await undo(
      'reboot',
      'gw',
      'case $1 in is-system-running) echo stopping ;; esac',
    )
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'the host is going down: its boot undoes this\n',
    })
  })

  it('of a reboot that has not begun stops its timer', async () => {
    expect((await undo('reboot', 'gw', 'case $1 in is-system-running) echo running ;; esac')).exitCode).toBe(
      0,
    )
    expect(asked()[0]).toContain('<gw-drill-reboot.timer> <gw-drill-reboot.service>')
  })
})
