import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { backupCheck } from '../../src/facts/backup-check.js'
import { BACKUPS_FOLDER } from '../../src/model/state-paths.js'
import { BACKUP_SCRIPT } from '../../src/render/backup/script.js'
import { BACKUP_TIMER } from '../../src/render/backup/units.js'
import { deployLab } from './fixtures/gateway.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { GATEWAYS, property, type GatewayName } from './fixtures/vrrp.js'

/** Backups as a gateway makes them by itself, and as an operator asks for them. */

const lab = ownLab()

interface ListedBackup {
  readonly name: string
  readonly createdAt: string
  readonly hosts: Readonly<Record<string, { readonly release: string | null; readonly size: number }>>
  readonly missing: readonly string[]
}

beforeAll(deployLab)

beforeEach(async () => {
  for (const host of GATEWAYS)
    await hostSays(host, `rm -rf ${BACKUPS_FOLDER}/*Z ${BACKUPS_FOLDER}/.*Z.partial`)
})

afterAll(async () => {
  for (const host of GATEWAYS) await hostSays(host, `rm -rf ${BACKUPS_FOLDER}/*Z`)
})

const lines = (text: string): string[] => text.split('\n').slice(0, -1)

async function releaseOf(host: GatewayName): Promise<string> {
  return (await hostSays(host, 'basename "$(readlink -f /var/lib/gw/current)"')).trim()
}

/** Names of backups and of whatever else lies beside them, without what a first deploy replaced. */
async function stored(host: GatewayName): Promise<string[]> {
  return lines(await hostSays(host, `ls -A ${BACKUPS_FOLDER}`)).filter((name) => !name.endsWith('-original'))
}

async function listed(inventory = lab.inventory): Promise<ListedBackup[]> {
  const result = await gw(['backup', 'list', inventory, '--json'])
  return result.json()['backups'] as ListedBackup[]
}

async function create(...flags: string[]): Promise<string> {
  const result = await gw(['backup', 'create', lab.inventory, '--json', ...flags])
  expect(result.json()).toMatchObject({ ok: true, error: null })
  const [backup] = result.json()['backups'] as ListedBackup[]
  return backup?.name ?? 'none'
}

describe('the nightly backup', () => {
  it.each(GATEWAYS)('is due on %s at two in the morning', async (host) => {
    expect(await property(host, BACKUP_TIMER, 'UnitFileState')).toBe('enabled')
    expect(await property(host, BACKUP_TIMER, 'ActiveState')).toBe('active')
    expect(await property(host, BACKUP_TIMER, 'NextElapseUSecRealtime')).toMatch(/ 02:00:00 /)
  })

  it('has units that systemd finds nothing wrong with', async () => {
    const verify = `systemd-analyze verify --man=no gw-backup.service ${BACKUP_TIMER} 2>&1`
    expect(await onHost('gw-1', verify)).toMatchObject({ status: 0, stdout: '' })
  })

  it('does not wait for its turn, since a deploy waits for it', async () => {
    expect(await property('gw-1', 'gw-backup.service', 'Nice')).toBe('0')
    expect(await property('gw-1', 'gw-backup.service', 'IOSchedulingClass')).not.toBe('3')
  })

  it('is made by systemd within its sandbox, whole, with owners and modes as they are', async () => {
    await hostSays('gw-1', 'systemctl start gw-backup.service')

    const [name = '', ...others] = await stored('gw-1')
    expect([name, others]).toEqual([expect.stringMatching(/^\d{8}T\d{4}00Z$/), []])
    const inside = `cd ${BACKUPS_FOLDER}/${name}`
    await hostSays('gw-1', `${inside} && sha256sum --check --quiet --strict SHA256SUMS`)
    await hostSays(
      'gw-1',
      `${inside} && diff -r release /var/lib/gw/current && diff etc/nginx/mime.types /etc/nginx/mime.types`,
    )
    const standing = `find . -printf '%P %m %u %g %l\\n' | sort`
    expect(await hostSays('gw-1', `${inside}/release && ${standing}`)).toBe(
      await hostSays('gw-1', `cd -P /var/lib/gw/current && ${standing}`),
    )
    expect(await hostSays('gw-1', `${inside} && readlink etc/nginx/nginx.conf`)).toBe(
      '/var/lib/gw/current/nginx/nginx.conf\n',
    )
    expect(await hostSays('gw-1', `${inside} && stat -c %a . && ls -d etc/systemd/system/*`)).toBe(
      '700\netc/systemd/system/keepalived.service.d\netc/systemd/system/nginx.service.d\n',
    )
    const audited = lines(await hostSays('gw-1', 'cat /var/log/gw/audit.jsonl')).at(-1) ?? ''
    expect(JSON.parse(audited)).toMatchObject({ event: 'backup', name, result: 'made', host: 'gw-1' })
  })

  it('removes what is older than thirty days, in its sandbox too', async () => {
    const names = '20200101T020000Z 20200101T020000Z-original 20200102T020000Z-overwritten'
    await hostSays('gw-1', `cd ${BACKUPS_FOLDER} && mkdir -p ${names} && touch 20200101T020000Z/file`)
    await hostSays('gw-1', 'systemctl start gw-backup.service')
    expect(lines(await hostSays('gw-1', `ls ${BACKUPS_FOLDER}`))).toEqual(
      expect.arrayContaining(['20200101T020000Z-original', '20200102T020000Z-overwritten']),
    )
    expect(await stored('gw-1')).not.toContain('20200101T020000Z')
    await hostSays(
      'gw-1',
      `cd ${BACKUPS_FOLDER} && rmdir 20200101T020000Z-original 20200102T020000Z-overwritten`,
    )
  })

  it('leaves nothing on a full disk, and its unit has failed', async () => {
    const script = `mount -t tmpfs -o size=64k none ${BACKUPS_FOLDER} && ! systemctl start gw-backup.service
      systemctl is-failed gw-backup.service; ls -A ${BACKUPS_FOLDER}; umount ${BACKUPS_FOLDER}
      systemctl reset-failed gw-backup.service`
    expect(await hostSays('gw-1', script)).toBe('failed\n')
  })
})

describe('the check of a backup on a host', () => {
  it('finds all files as they were, until a byte of one flips', async () => {
    const name = await create('--limit', 'gw-1')
    const question = { folder: BACKUPS_FOLDER, name }
    const check = async () =>
      backupCheck.parse(await hostSays('gw-1', backupCheck.script([question]).text), [question])[0]
    expect(await check()).toMatchObject({ faults: [], manifest: { release: await releaseOf('gw-1') } })

    const key = 'release/nginx/gw/tls/ecdsa.key'
    const flip = `printf '\\377' | dd of=${BACKUPS_FOLDER}/${name}/${key} bs=1 seek=40 conv=notrunc status=none`
    await hostSays('gw-1', flip)

    expect((await check())?.faults).toEqual([{ path: key, fault: 'damaged' }])
  })
})

describe('gw backup create and list', () => {
  it('make a backup of every gateway under one name, and show it', async () => {
    const name = await create()

    const [backup, ...others] = await listed()
    expect(others).toEqual([])
    expect(backup).toMatchObject({ name, missing: [] })
    for (const host of GATEWAYS) {
      expect(backup?.hosts[host]?.release).toBe(await releaseOf(host))
      expect(backup?.hosts[host]?.size).toBeGreaterThan(10_000)
    }
    const { stdout } = await gw(['backup', 'list', lab.inventory])
    expect(stdout).toMatch(
      /^BACKUP +RELEASE +HOSTS +SIZE +AGE\n\d{8}T\d{6}Z +\S+ +gw-1, gw-2 +\d+ KiB +just now\n$/,
    )
  })

  it('name the gateways that have none of that name', async () => {
    const name = await create('--limit', 'gw-2')
    expect(await listed()).toMatchObject([{ name, missing: ['gw-1'] }])
    expect((await gw(['backup', 'list', lab.inventory])).stdout).toContain('not on gw-1')
  })

  it('tell what to type when there is none', async () => {
    const { status, stdout } = await gw(['backup', 'list', lab.inventory])
    expect([status, stdout]).toEqual([
      0,
      `There is no backup. gw backup create ${lab.inventory} makes one.\n`,
    ])
  })

  it('show what a host says that makes none, and what the others made', async () => {
    await hostSays('gw-1', `mount -t tmpfs -o size=64k none ${BACKUPS_FOLDER}`)
    const result = await gw(['backup', 'create', lab.inventory])
    await hostSays('gw-1', `umount ${BACKUPS_FOLDER}`)
    expect(result.status).toBe(3)
    expect(result.stderr).toMatch(/Error COMMAND_FAILED gw-1: no backup was made/)
    expect(result.stderr).toContain('No space left on device')
    expect(result.stdout).toContain('gw-2')
    expect(await stored('gw-1')).toEqual([])
  })

  it('send to a deploy first where nothing was deployed yet', async () => {
    await hostSays('gw-1', `mv ${BACKUP_SCRIPT} ${BACKUP_SCRIPT}.moved`)
    const result = await gw(['backup', 'create', lab.inventory, '--limit', 'gw-1', '--json'])
    await hostSays('gw-1', `mv ${BACKUP_SCRIPT}.moved ${BACKUP_SCRIPT}`)
    expect(result.json()).toMatchObject({
      exitCode: 3,
      error: { code: 'COMMAND_FAILED', host: 'gw-1', nextSteps: [`gw deploy ${lab.inventory}`] },
      backups: [],
    })
  })

  it('show the hosts that answer when another one is down', async () => {
    const name = await create()
    const half = variantInventory({
      hosts: { 'gw-1': { address: lab.addresses['gw-1'], connection: { port: 1 } } },
    })
    const result = await gw(['backup', 'list', half, '--json'])
    expect(result.json()).toMatchObject({ exitCode: 4, hosts: { 'gw-1': { outcome: 'unreachable' } } })
    expect(result.json()['backups']).toMatchObject([{ name, missing: [] }])
  })
})
