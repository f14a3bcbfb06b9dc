import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DOMAIN } from './fixtures/client.js'
import { gw, variantInventory, type GwResult } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { cursorOf, journalOf } from './fixtures/journal.js'
import { ownLab } from './fixtures/lab.js'
import { GATEWAYS } from './fixtures/vrrp.js'

/** Private keys and passwords stand nowhere but in the files that are made of them, which are root's alone. */

const lab = ownLab()
const PASSWORD = 'sentinel-0f-a-pa55word'
const SEEN = '/root/gw-test-seen'
const SAMPLER = 'gw-test-sampler'

/** Has each gateway write down what others can see of its programs, and what gw says of itself in its locks. */
async function startSampling(host: string): Promise<void> {
  const look = 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /var/lib/gw/lock/* 2>/dev/null'
  await hostSays(
    host,
    `rm -f ${SEEN}; systemd-run --quiet --collect --unit=${SAMPLER} sh -c 'while :; do ${look}; sleep 0.1; done >>${SEEN}'`,
  )
}

async function stopSampling(host: string): Promise<string> {
  return hostSays(host, `systemctl stop ${SAMPLER}; cat ${SEEN}; rm ${SEEN}`)
}

/** The lines of the keys that are nobody else's, and the password. */
function secrets(): string[] {
  const keys = ['rsa', 'ecdsa'].flatMap((algorithm) =>
    readFileSync(join(lab.stateDir, `tls/${DOMAIN}.${algorithm}.key`), 'utf8').split('\n'),
  )
  return [PASSWORD, ...keys.filter((line) => line.length > 20 && !line.startsWith('-----'))]
}

/** What gw has written down on this machine. */
function localJournals(): string {
  const folder = join(lab.stateDir, 'state')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('\n')
}

/** What gw has written down on a host, and is no secret. */
function writtenOn(host: string): Promise<string> {
  return hostSays(
    host,
    `cat /var/log/gw/audit.jsonl /var/lib/gw/releases/*/manifest.json
    find /var/backups/gw -name '*.json' -exec cat {} +
    find /var/lib/gw -maxdepth 2 -type f ! -path '*/objects/*' -exec cat {} +`,
  )
}

let inventory: string

function weight(value: number): string {
  return variantInventory({
    connection: { become: { method: 'sudo', password: 'env:GW_TEST_PASSWORD' } },
    gateway: { pools: { admin: { weights: { 'admin-3': value } } } },
  })
}

function run(...words: string[]): Promise<GwResult> {
  return gw(words, { env: { GW_TEST_PASSWORD: PASSWORD } })
}

beforeAll(async () => {
  inventory = weight(61)
  expect(await run('deploy', inventory, '--overwrite')).toMatchObject({ status: 0 })
})

afterAll(() =>
  Promise.all(GATEWAYS.map((host) => hostSays(host, `systemctl stop ${SAMPLER} 2>/dev/null || :`))),
)

it('stand in no output, journal, record, lock or process while releases come and go', async () => {
  expect(secrets().length).toBeGreaterThan(10)
  const cursors = await Promise.all(GATEWAYS.map(cursorOf))
  // So that the keys are sent again.
  await Promise.all(GATEWAYS.map((host) => hostSays(host, 'rm -f /var/lib/gw/objects/*')))
  await Promise.all(GATEWAYS.map(startSampling))

  const results = [
    await run('deploy', weight(62), '--verbose'),
    await run('rollback', inventory, '--json'),
    await hostSays(
      'gw-2',
      "sed -i 's/weight=61/weight=63/' /etc/nginx/gw/pools/admin.conf; chmod 644 /etc/nginx/gw/tls/rsa.key",
    ).then(() => run('deploy', inventory, '--adopt', '--verbose')),
    await run('backup', 'create', inventory, '--json'),
    await run('status', inventory),
  ]

  const processes = (await Promise.all(GATEWAYS.map(stopSampling))).join('\n')
  for (const { status, stderr } of results) expect(status, stderr).toBe(0)
  expect(processes).toContain('gw-loader-ready')
  expect(processes).toContain('"command":')
  const texts = {
    output: results.map(({ stdout, stderr }) => stdout + stderr).join('\n'),
    processes,
    local: localJournals(),
    hosts: (await Promise.all(GATEWAYS.map(writtenOn))).join('\n'),
    journals: (await Promise.all(GATEWAYS.map((host, index) => journalOf(host, cursors[index] ?? '')))).join(
      '\n',
    ),
  }
  const found = Object.entries(texts).flatMap(([where, text]) =>
    secrets().flatMap((secret) => (text.includes(secret) ? [where] : [])),
  )
  expect(found).toEqual([])
})

it.each(GATEWAYS)("are root's alone on %s, wherever they lie", async (host) => {
  // What was edited by hand is put aside as it was, in a folder that is closed.
  const open = await hostSays(
    host,
    `find /var/lib/gw/objects /var/backups/gw/*-overwritten -maxdepth 0 -perm /077
    find /var/lib/gw/objects -type f -perm /177
    find /var/lib/gw -name '*.key' ! '(' -perm 600 -user root -group root ')'`,
  )
  expect(open).toBe('')
  const read = `grep -rsF -- '-----BEGIN PRIVATE KEY-----' /var/lib/gw /var/backups/gw /etc/nginx`
  expect(await hostSays(host, `su -s /bin/sh www-data -c "${read}" || :`)).toBe('')
  expect(await hostSays(host, `${read} | head -n 1`)).not.toBe('')
})
