import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { gw, startGw } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { noPauses, Pause } from './fixtures/pause.js'

/** A disk that is full, or becomes full, at each step of a deploy; locks of the package manager. */

const ROOT = '/var/lib/gw'
const ASIDE = '/root/gw-test-state'
const LEASE = ['--lease', '3s']

let fleet: Fleet
let inventory: string
let old: string

beforeAll(async () => {
  fleet = await Fleet.ready()
})

beforeEach(() => {
  inventory = fleet.fresh()
  old = fleet.served
})

afterEach(async () => {
  await noPauses(fleet.first)
  await fleet.deployAtOnce(inventory)
})

describe('a disk that is full while a release is staged', () => {
  it.each([
    ['has too few blocks', 'size=4k', 'No space left on device'],
    ['has too few inodes', 'nr_inodes=2', 'No space left on device'],
  ])('ends the deploy before anything is published: it %s', async (_what, option, reason) => {
    const objects = `${ROOT}/objects`
    await hostSays(fleet.first, `mount -t tmpfs -o mode=700,${option} none ${objects}`)
    const unmount = (): Promise<string> =>
      hostSays(fleet.first, `! mountpoint -q ${objects} || umount ${objects}`)
    onTestFinished(async () => {
      await unmount()
    })

    const result = await gw(['deploy', inventory, ...LEASE, '--json'])

    const { error, hosts } = result.json()
    expect(result.status, result.stdout).toBe(3)
    expect(error).toMatchObject({ code: 'TASK_FAILED', host: fleet.first })
    expect(JSON.stringify(hosts[fleet.first])).toContain(reason)
    await fleet.expectWhole([old])
    await unmount()
  })

  it('is refused before it is full', async () => {
    const stub = `#!/bin/sh\ncase $* in '-k --output=avail'*) echo Avail; echo 100; exit ;; esac\nexec /usr/bin/df "$@"\n`
    await hostSays(fleet.first, 'cat >/usr/local/bin/df && chmod 755 /usr/local/bin/df', stub)

    const result = await gw(['deploy', inventory, ...LEASE, '--json'])

    expect(result.status, result.stdout).toBe(3)
    expect(JSON.stringify(result.json().hosts[fleet.first])).toContain('has 100 KiB left')
    await fleet.expectWhole([old])
  })
})

describe('a disk that becomes full while a release is published', () => {
  /** What gw keeps lies on a small disk of its own until the test ends. */
  async function smallDisk(host: string): Promise<void> {
    const copy = (from: string, to: string): string => `cp -a ${from}/. ${to}/`
    onTestFinished(async () => {
      const back = `mkdir -p ${ASIDE} && ${copy(ROOT, ASIDE)} && umount ${ROOT} && rm -rf ${ROOT}/* && ${copy(ASIDE, ROOT)}`
      await hostSays(host, `${back}; rm -rf ${ASIDE}`)
    })
    const lay = `mount -t tmpfs -o mode=755,size=64m none ${ROOT} && ${copy(ASIDE, ROOT)} && rm -rf ${ASIDE}`
    await hostSays(host, `mkdir -p ${ASIDE} && ${copy(ROOT, ASIDE)} && ${lay}`)
  }

  const fill = `head -c 80m /dev/zero >${ROOT}/fill 2>/dev/null || :; df --output=avail ${ROOT} | tail -n 1`
  const empty = `rm -f ${ROOT}/fill`

  it.each([
    ['before the watchdog is armed', { program: 'mkdir', has: ['.trial.gw-staged'] }],
    ['when the watchdog is armed', { program: 'systemd-run', has: ['gw-watchdog'], after: true }],
  ])('leaves the fleet on the release from before: %s', async (_when, point) => {
    await smallDisk(fleet.first)
    const pause = await Pause.at(fleet.first, point)
    const running = startGw(['deploy', inventory, ...LEASE])
    await pause.reached()
    expect((await hostSays(fleet.first, fill)).trim()).toBe('0')
    await pause.goOn()

    const { status, stderr } = await running.ended
    expect([3, 6], stderr).toContain(status)
    await hostSays(fleet.first, empty)
    await fleet.selfSettled()
    const { runs } = (await fleet.status(inventory)) as { runs: readonly unknown[] }
    if (runs.length > 0) await fleet.settle('abort', inventory)
    await fleet.expectWhole([old])
  })
})

describe('the locks of the package manager', () => {
  it('are waited for, with the locks of the gateways held all along', async () => {
    const host = fleet.first
    const hidden = '/root/gw-test-hidden'
    const stub = `#!/bin/sh\n[ -e ${hidden} ] || exec /usr/bin/dpkg-query "$@"\n/usr/bin/dpkg-query "$@" | grep -v '|keepalived|'\n`
    await hostSays(
      host,
      `: >${hidden}; cat >/usr/local/bin/dpkg-query && chmod 755 /usr/local/bin/dpkg-query`,
      stub,
    )
    const holder = 'gw-test-apt-lock'
    const lock = `open F, '>>', '/var/lib/dpkg/lock-frontend';
my $whole = pack('s s x4 q q i x4', 1, 0, 0, 0, 0);
fcntl(F, 6, $whole) or die;
sleep 60;\n`
    const program = '/root/gw-test-lock.pl'
    onTestFinished(async () => {
      await hostSays(host, `rm -f ${hidden} ${program}; systemctl stop ${holder} 2>/dev/null || :`)
    })
    await hostSays(
      host,
      `cat >${program}; systemd-run --quiet --collect --unit=${holder} perl ${program}`,
      lock,
    )
    const running = startGw(['deploy', inventory, ...LEASE])
    await running.shows('Install keepalived ...')
    // Longer than a lease.
    await hostSays(host, `sleep 4; rm ${hidden}; systemctl stop ${holder}`)

    const { status, stderr } = await running.ended
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(/changed {5}Install keepalived: .* \(\d+\.\d s\)/)
  })
})
