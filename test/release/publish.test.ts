import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONFIRM_STATUS } from '../../src/release/confirm.js'
import { PUBLISH_STATUS } from '../../src/release/publish.js'
import { sh } from '../../src/shell/script.js'
import { RUN, TrialGround } from './trial-ground.js'

let ground: TrialGround

beforeEach(() => {
  ground = new TrialGround()
})
afterEach(() => {
  ground.remove()
})

const current = async () => (await ground.store()).current
const audited = () =>
  readFileSync(ground.auditFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('publishing', () => {
  it('leads to the release on trial, under a watchdog, and both units have read it', async () => {
    await ground.startUnits()
    expect(await ground.decide()).toMatchObject({ kind: 'change', summary: 'publish v1.3 in place of v1.2' })

    expect(await ground.publish()).toEqual({ exitCode: 0, stdout: '', stderr: '' })

    expect(await ground.store()).toMatchObject({
      current: 'v1.3',
      previous: null,
      trial: { run: RUN, release: 'v1.3', before: 'v1.2' },
    })
    expect(ground.calls()).toEqual(['reload nginx.service', 'reload keepalived.service'])
    expect(readFileSync(ground.at('timer'), 'utf8')).toMatch(/--unit=gw-watchdog-1a2b3c4d .*--on-active=30s /)
    expect(audited()).toMatchObject([{ event: 'release.published', run: RUN, release: 'v1.3' }])
    expect(ground.names()).toEqual(['current', 'releases', 'trial'])
  })

  it('starts nothing that does not run, and leaves keepalived alone whose file is the same', async () => {
    await ground.publish()
    expect(ground.calls()).toEqual([])
    await ground.revertNow()
    ground.setUnit('keepalived.service', 'active 1')
    await ground.run(
      sh`cp ${join(ground.paths.releases, 'v1.2/keepalived/keepalived.conf')} ${join(
        ground.paths.releases,
        'v1.3/keepalived',
      )}`,
    )

    expect(await ground.publish()).toMatchObject({ exitCode: 0 })

    expect(ground.calls().filter((call) => call.startsWith('reload'))).toEqual([])
  })

  it('restarts keepalived between a hand-made configuration and its own, there and back', async () => {
    await ground.startUnits()
    renameSync(join(ground.paths.releases, 'v1.2'), join(ground.paths.releases, 'original'))
    ground.lead('original')

    await ground.publish()
    await ground.revertNow()

    const calls = ['reload nginx.service', 'restart keepalived.service']
    expect(ground.calls().slice(0, 4)).toEqual([...calls, ...calls])
    await ground.expectSettled('original')
  })

  it('has nothing to do when the release is the current one', async () => {
    await ground.publish()
    expect(await ground.decide()).toMatchObject({ kind: 'change' })
    await ground.confirm()
    expect(await ground.decide()).toEqual({ kind: 'ok', reason: 'v1.3 is the current release' })
  })

  it('is not possible without a current release, unless an earlier task brings it', async () => {
    rmSync(ground.paths.current)
    expect(await ground.decide()).toMatchObject({ kind: 'blocked' })
    const store = await ground.store()
    const operation = ground.publishing()
    const coming = operation.decide(
      { to: ({ fact }) => (fact.name === 'release-store' ? store : { type: 'absent' }) as never },
      { changes: (subject) => subject === ground.paths.current },
    )
    expect(coming).toMatchObject({ kind: 'change', summary: 'publish v1.3 in place of what stands there' })
  })

  it.each<[string, () => void]>([
    [
      'the release is not there',
      () => {
        rmSync(join(ground.paths.releases, 'v1.3'), { recursive: true })
      },
    ],
    [
      'the current one is gone',
      () => {
        rmSync(join(ground.paths.releases, 'v1.2'), { recursive: true })
      },
    ],
    [
      'the link leads out of the store',
      () => {
        relink('/etc')
      },
    ],
    [
      'the link leads into a release',
      () => {
        relink(join(ground.paths.releases, 'v1.2/nginx'))
      },
    ],
  ])('changes nothing when %s', async (_title, spoil) => {
    const script = await ground.publishScript()
    spoil()

    const ended = await ground.run(script)

    expect(ended.exitCode).toBe(PUBLISH_STATUS.notReady)
    expect(ended.stdout).toContain('nothing was changed')
    expect(existsSync(ground.paths.trial)).toBe(false)
  })

  it('changes nothing when systemd does not arm the watchdog', async () => {
    ground.mark('broken-systemd-run')

    const ended = await ground.publish()

    expect(ended.exitCode).toBe(PUBLISH_STATUS.notArmed)
    expect(ended.stdout).toContain('nothing was published')
    await ground.expectSettled('v1.2')
  })

  it('goes back at once when the reload ends NGINX, repeats what NGINX said, and starts it again', async () => {
    await ground.startUnits()
    ground.mark('gone')

    const ended = await ground.publish()

    expect(ended.exitCode).toBe(PUBLISH_STATUS.notEffective)
    expect(ended.stdout).toContain('[emerg] 7#7: bind() to 127.0.0.1:8081 failed')
    expect(ended.stdout).toContain('v1.2 is the current one')
    const { reverted } = await ground.expectSettled('v1.2')
    expect(reverted).toMatchObject({ by: 'gw', release: 'v1.3', before: 'v1.2' })
  })

  it('goes back at once when keepalived cannot reload', async () => {
    ground.setUnit('keepalived.service', 'active 1')
    ground.mark('broken-reload-keepalived.service')

    const ended = await ground.publish()

    expect(ended.exitCode).toBe(PUBLISH_STATUS.notEffective)
    expect(ended.stdout).toContain('keepalived did not go back to it')
    expect(await ground.store()).toMatchObject({ current: 'v1.2', trial: { run: RUN } })
    ground.unmark('broken-reload-keepalived.service')
    expect(await ground.revertNow()).toMatchObject({ exitCode: 0 })
    await ground.expectSettled('v1.2')
  })

  function relink(target: string): void {
    rmSync(ground.paths.current)
    symlinkSync(target, ground.paths.current)
  }
})

describe('confirming', () => {
  it('makes the release stay, and then removes what may go', async () => {
    await ground.publish()

    expect(await ground.confirm(sh`mkdir ${ground.paths.root}/removal-ran`)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })

    const store = await ground.expectSettled('v1.3')
    expect(store).toMatchObject({ previous: 'v1.2', reverted: null })
    expect(store.releases.find(({ name }) => name === 'v1.3')?.confirmed).toMatchObject({ run: RUN })
    expect(audited().map(({ event }) => event)).toEqual(['release.published', 'release.confirmed'])
    expect(ground.names()).toEqual(['confirmed', 'current', 'previous', 'releases', 'removal-ran'])
  })

  it('does nothing the second time, and does not mind that nothing can be removed', async () => {
    await ground.publish()
    expect(await ground.confirm(sh`false`)).toMatchObject({ exitCode: 0 })
    expect(await ground.confirm()).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    await ground.expectSettled('v1.3')
  })

  it.each([
    ['watchdog', 'by the host itself: the lease of the run was over'],
    ['boot', 'when the host booted'],
    ['takeover', 'by another run, which took the lock over'],
    ['gw', 'by gw'],
  ])('comes too late after %s', async (by, told) => {
    await ground.publish()
    await ground.revert(by)

    const ended = await ground.confirm()

    expect(ended.exitCode).toBe(CONFIRM_STATUS.takenBack)
    expect(ended.stdout).toMatch(/^release v1\.3 was taken back \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /)
    expect(ended.stdout).toContain(`${told}; the current one is v1.2`)
    await ground.expectSettled('v1.2')
  })

  it('is refused to a run that published nothing here', async () => {
    expect((await ground.confirm()).exitCode).toBe(CONFIRM_STATUS.takenBack)
    mkdirSync(ground.paths.confirmed)
    await ground.expectSettled('v1.2')
  })

  it('forgets an earlier revert', async () => {
    await ground.publish()
    await ground.revertNow()
    expect((await ground.store()).reverted).toMatchObject({ by: 'gw' })
    await ground.publish()
    await ground.confirm()
    expect((await ground.expectSettled('v1.3')).reverted).toBeNull()
    expect(await current()).toBe('v1.3')
  })
})
