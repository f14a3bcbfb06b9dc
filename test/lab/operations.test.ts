import { beforeAll, describe, expect, test } from 'vitest'
import { loadFleet, openReach } from '../../src/cli/fleet.js'
import { play, playbook, task } from '../../src/engine/playbook.js'
import type { HostReport } from '../../src/engine/report.js'
import { runPlaybook } from '../../src/engine/run.js'
import type { LocalResult } from '../../src/lab/local.js'
import { runLocally } from '../../src/lab/local.js'
import { sshWords } from '../../src/lab/ssh.js'
import { labFiles } from '../../src/lab/state.js'
import { Secret } from '../../src/model/secret.js'
import { absent } from '../../src/operations/absent.js'
import { command } from '../../src/operations/command.js'
import { directory } from '../../src/operations/directory.js'
import { file } from '../../src/operations/file.js'
import { link } from '../../src/operations/link.js'
import type { Operation } from '../../src/operations/operation.js'
import { aptPackage } from '../../src/operations/package.js'
import { sysctl } from '../../src/operations/sysctl.js'
import { unit } from '../../src/operations/unit.js'
import { user } from '../../src/operations/user.js'
import { sh } from '../../src/shell/script.js'
import { ownLab } from './fixtures/lab.js'

/** A host that no other file of the suite changes. */
const HOST = 'mon-1'
const FOLDER = '/srv/gw operations'
const CONFIG = `${FOLDER}/probe.conf`
const UNIT = '/etc/systemd/system/gw-probe.service'
const NASTY = 'it\'s "quoted" $(id) `id`\nend without newline'

/** Runs operations as the tasks of one play on the host. */
async function run(...operations: readonly Operation[]): Promise<HostReport> {
  const { inventory, hosts } = await loadFleet({
    environment: ownLab().inventory,
    limit: HOST,
    forks: 1,
  })
  const tasks = operations.map((operation) => task(operation.subject, operation))
  const report = await runPlaybook(
    playbook({ name: 'operations', plays: [play({ name: 'operations', hosts: HOST, tasks: () => tasks })] }),
    {
      inventory,
      hosts,
      reach: openReach({ environment: inventory.environment, signal: new AbortController().signal }),
      run: '0a1b2c3d',
      forks: 1,
      check: false,
      lock: null,
      onFailure: 'revert',
      approve: () => Promise.resolve(true),
      emit: () => undefined,
      now: () => performance.now(),
      stop: new AbortController().signal,
      abandon: new AbortController().signal,
    },
  )
  const [host] = report.hosts
  if (host === undefined) throw new Error('the run reports no host')
  return host
}

function onHost(script: string): Promise<LocalResult> {
  const { addresses, stateDir } = ownLab()
  const host = { name: HOST, role: 'monitoring', address: addresses[HOST] ?? '' } as const
  return runLocally(sshWords(host, labFiles(stateDir), ['sudo', 'sh', '-c', script]))
}

const outcomes = (report: HostReport) => report.tasks.map(({ outcome }) => outcome)

/** Holds a lock as apt and dpkg do (a record lock, which only perl's fcntl can take in a shell) for some seconds. */
function holdLock(path: string, seconds: number): Promise<LocalResult> {
  const take = `use Fcntl; open F, ">>", "${path}"; my $l = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die;`
  const script = `rm -f /run/locked; systemd-run --quiet --collect --unit=gw-lock-holder perl -e '${take} open R, ">", "/run/locked"; sleep ${seconds}'`
  return onHost(`${script}; while [ ! -e /run/locked ]; do sleep 0.05; done`)
}

const probe = unit({
  name: 'gw-probe.service',
  enabled: true,
  running: true,
  reloadOn: [CONFIG],
  restartOn: [UNIT],
})

const everything: readonly Operation[] = [
  aptPackage({ name: 'cron', hold: true }),
  unit({ name: 'cron.service', enabled: true, running: true }),
  directory({ path: FOLDER, mode: '0750', group: 'adm' }),
  file({
    path: CONFIG,
    content: NASTY,
    mode: '0640',
    group: 'adm',
    test: (staged) => sh`grep -q quoted ${staged}`,
  }),
  file({ path: `${FOLDER}/secret`, content: new Secret('swordfish') }),
  link({ path: `${FOLDER}/current`, target: 'probe.conf' }),
  absent({ path: '/srv/unwanted' }),
  sysctl({ key: 'net.ipv4.ip_local_port_range', value: '20000 65000' }),
  user({ name: 'gwprobe', system: true, groups: ['adm'] }),
  file({
    path: UNIT,
    content: [
      '[Service]',
      `ExecStart=/bin/sh -c 'trap : HUP; while :; do sleep 1; done'`,
      'ExecReload=/bin/sh -c "test ! -e /run/gw-probe-broken && kill -HUP $MAINPID"',
      '[Install]',
      'WantedBy=multi-user.target',
      '',
    ].join('\n'),
  }),
  probe,
  command({ name: 'remember it', script: sh`touch /srv/remembered`, creates: '/srv/remembered' }),
]

describe('operations on a real host', () => {
  beforeAll(async () => {
    await onHost('touch /srv/unwanted')
  })

  test('a package is installed, with its lists, and does not start what it brings', async () => {
    const report = await run(aptPackage({ name: 'cron' }))

    expect(report.error).toBeNull()
    expect(outcomes(report)).toEqual(['changed'])
    expect((await onHost('systemctl is-active cron; ls /usr/sbin/policy-rc.d')).stdout).toBe('inactive\n')
  })

  test('each changes what differs, and the second time finds nothing to do', async () => {
    const first = await run(...everything)
    expect(first.error).toBeNull()
    expect(outcomes(first)).toEqual(everything.map(() => 'changed'))
    expect((await onHost(`cat '${FOLDER}/current'`)).stdout).toBe(NASTY)
    expect((await onHost(`stat -c '%a %U %G' '${CONFIG}' '${FOLDER}/secret'`)).stdout).toBe(
      '640 root adm\n600 root root\n',
    )
    expect((await onHost('systemctl is-active gw-probe cron; apt-mark showhold')).stdout).toBe(
      'active\nactive\ncron\n',
    )

    const second = await run(...everything)
    expect(second.error).toBeNull()
    expect(outcomes(second)).toEqual(everything.map(() => 'ok'))
    expect(second.tasks.filter(({ summary }) => summary === '')).toEqual([])
  })

  test('a reload that was lost, or that failed, is made up for', async () => {
    await onHost(`touch '${CONFIG}'`)
    expect(outcomes(await run(probe))).toEqual(['changed'])
    expect(outcomes(await run(probe))).toEqual(['ok'])

    await onHost(`touch '${CONFIG}' /run/gw-probe-broken`)
    expect(await run(probe)).toMatchObject({ outcome: 'failed', error: { code: 'TASK_FAILED' } })
    await onHost('rm /run/gw-probe-broken')
    expect(outcomes(await run(probe))).toEqual(['changed'])
    expect(outcomes(await run(probe))).toEqual(['ok'])
  })

  test('a changed unit file is loaded and the unit restarted', async () => {
    const pid = () =>
      onHost('systemctl show --property=MainPID --value gw-probe').then(({ stdout }) => stdout)
    const before = await pid()
    await onHost(`echo '[Unit]' >>${UNIT}`)

    expect(outcomes(await run(probe))).toEqual(['changed'])

    expect(await pid()).not.toBe(before)
    expect(outcomes(await run(probe))).toEqual(['ok'])
  })

  test('a unit that does not stay active fails with its last log lines', async () => {
    await onHost(
      'printf \'[Service]\\nExecStart=/bin/sh -c "echo my last words; exit 3"\\n\' >/etc/systemd/system/gw-dying.service',
    )

    const report = await run(unit({ name: 'gw-dying.service', running: true }))

    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'TASK_FAILED' } })
    expect(report.error?.frame).toContain('my last words')
  })

  test('a unit that nothing brings blocks the run before anything changes', async () => {
    const report = await run(
      file({ path: '/srv/never', content: 'x' }),
      unit({ name: 'gw-nothing.service', running: true }),
    )

    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'TASK_BLOCKED' } })
    expect((await onHost('ls /srv/never')).stdout).toBe('')
  })

  test('a full disk fails the task and leaves the old file alone', async () => {
    await onHost(
      'mkdir -p /srv/small && mount -t tmpfs -o size=16k tmpfs /srv/small && echo old >/srv/small/file',
    )
    try {
      const report = await run(file({ path: '/srv/small/file', content: 'x'.repeat(100_000) }))

      expect(report).toMatchObject({ outcome: 'failed', error: { code: 'TASK_FAILED', exitCode: 3 } })
      expect((await onHost('cat /srv/small/file; ls -A /srv/small')).stdout).toBe('old\nfile\n')
    } finally {
      await onHost('umount /srv/small')
    }
  })

  test('a lock of apt that is held for a while is waited for', async () => {
    await holdLock('/var/lib/apt/lists/lock', 4)

    const report = await run(aptPackage({ name: 'less' }))

    expect(report.error).toBeNull()
    expect(report.tasks[0]?.ms).toBeGreaterThan(2_000)
  })

  test('a lock of apt that is held for too long fails the task and names its holder', async () => {
    await holdLock('/var/lib/dpkg/lock-frontend', 70)

    const report = await run(aptPackage({ name: 'file' }))
    await onHost('systemctl stop gw-lock-holder')

    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'TASK_FAILED', exitCode: 3 } })
    expect(report.error?.frame).toMatch(/process \d+ \(perl\) holds \/var\/lib\/dpkg\/lock-frontend/)
  })

  test('an installation that broke off is finished first', async () => {
    await onHost(
      [
        'mkdir -p /srv/half/DEBIAN',
        "printf 'Package: half\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: x\\n' >/srv/half/DEBIAN/control",
        "printf '#!/bin/sh\\n[ ! -e /srv/broken ]\\n' >/srv/half/DEBIAN/postinst",
        'chmod 0755 /srv/half/DEBIAN/postinst; touch /srv/broken',
        'dpkg-deb --build /srv/half /srv/half.deb; dpkg --install /srv/half.deb',
        'rm /srv/broken',
      ].join('\n'),
    )

    const report = await run(aptPackage({ name: 'half' }))

    expect(report.tasks[0]).toMatchObject({
      outcome: 'changed',
      summary: 'finish the interrupted installation',
    })
    expect(outcomes(await run(aptPackage({ name: 'half' })))).toEqual(['ok'])
  })
})
