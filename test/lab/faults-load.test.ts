import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { gw } from './fixtures/gw.js'
import { currentReleases } from './fixtures/host-state.js'
import { hostSays } from './fixtures/host.js'

/** A release that passes `nginx -t`, and that NGINX does not take: it wants a port that another process has. */

const UNIT = 'gw-test-listener'

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

/** Has a process listen where the release wants to. `nginx -t` opens no port that somebody has for longer than it must. */
async function listenOn(host: string): Promise<void> {
  onTestFinished(async () => {
    await hostSays(host, `systemctl stop ${UNIT}.socket ${UNIT}.service 2>/dev/null || :`)
  })
  await hostSays(
    host,
    `systemd-run --quiet --collect --unit=${UNIT} --socket-property=ListenStream=127.0.0.1:8081 /bin/cat`,
  )
}

it('is taken back at once, with the words of NGINX, and the fleet serves what it did', async () => {
  const host = fleet.first
  const inventory = fleet.fresh()
  await hostSays(
    host,
    `sed -i --follow-symlinks 's/^http {/http {\\n    server { listen 127.0.0.1:8081; return 204; }/' /etc/nginx/nginx.conf`,
  )
  const adopting = await gw(['deploy', inventory, '--adopt', '--lease', '3s'])
  expect(adopting, adopting.stderr).toMatchObject({ status: 0 })
  const adopted = /Keep what was changed by hand as (v[\d.]+) \.\.\./.exec(adopting.stderr)?.[1] ?? ''
  const [before = ''] = await currentReleases()
  await listenOn(host)

  await fleet.underLoad('a release that NGINX does not load', async () => {
    const begin = performance.now()
    const result = await gw(['rollback', inventory, '--to', adopted, '--lease', '3s', '--json'])
    const seconds = (performance.now() - begin) / 1000

    expect(result.status, result.stdout).toBe(6)
    const { error, hosts } = result.json()
    expect(error).toMatchObject({ code: 'RELEASE_REVERTED' })
    expect(hosts[host]).toMatchObject({ error: { code: 'RELOAD_NOT_EFFECTIVE' } })
    expect(JSON.stringify(hosts[host])).toContain(
      'bind() to 127.0.0.1:8081 failed (98: Address already in use)',
    )
    await fleet.expectWhole([before])
    return { outcome: 'exit 6, old, by gw', seconds }
  })
  await fleet.deployAtOnce(fleet.fresh())
})
