import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import { LABEL, containerName } from '../../src/lab/compose.js'
import { docker } from '../../src/lab/docker.js'
import { labDown } from '../../src/lab/down.js'
import { runLocally } from '../../src/lab/local.js'
import type { LocalResult } from '../../src/lab/local.js'
import { projectDir } from '../../src/lab/project-dir.js'
import { labReady } from '../../src/lab/ready.js'
import { sshWords } from '../../src/lab/ssh.js'
import { labStatus } from '../../src/lab/status.js'
import { layOut } from '../../src/lab/topology.js'
import { labUp } from '../../src/lab/up.js'
import type { RunningLab } from '../../src/lab/up.js'
import { ownLab } from './fixtures/lab.js'

// A lab of its own: the suite's other files change the hosts of the shared one.
const name = `${ownLab().name}-own`

function hostOf({ lab }: RunningLab, host: string) {
  const found = lab.hosts.find((each) => each.name === host)
  if (found === undefined) throw new Error(`the lab has no ${host}`)
  return found
}

function onHost(running: RunningLab, host: string, script: string): Promise<LocalResult> {
  return runLocally(sshWords(hostOf(running, host), running.files, ['sh', '-c', script]))
}

async function ask(url: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

describe('a lab of its own', () => {
  let running: RunningLab
  beforeAll(async () => {
    running = await labUp({ name, plain: 1 })
  })
  afterAll(() => labDown({ name }))

  test('stands on a network that no other lab has', () => {
    expect(running.changed).toBe(true)
    expect(running.lab.prefix).not.toBe(ownLab().prefix)
    expect(running.lab.prefix).not.toBe('198.18.0')
  })

  test('is left alone by a second up', async () => {
    const again = await labUp({ name })
    expect(again.changed).toBe(false)
    expect(again.lab).toEqual(running.lab)
  })

  test('gets back by up the one host that stopped, and the others keep running', async () => {
    const startedAt = (host: string) =>
      docker(['inspect', '--format', '{{.State.StartedAt}}', `gw-lab-${name}-${host}`])
    const before = await startedAt('gw-1')
    await docker(['kill', `gw-lab-${name}-mon-1`])
    expect((await labStatus(name)).hosts).toContainEqual({
      host: 'mon-1',
      address: hostOf(running, 'mon-1').address,
      state: 'exited',
    })
    expect((await labUp({ name })).changed).toBe(true)
    expect(await startedAt('gw-1')).toBe(before)
    expect((await onHost(running, 'mon-1', 'systemctl is-system-running')).stdout).toBe('running\n')
  })

  test('has hosts without NGINX, keepalived or Python', async () => {
    for (const host of ['gw-1', 'gw-2', 'admin-1', 'mon-1', 'plain-1']) {
      const found = await onHost(
        running,
        host,
        'command -v nginx keepalived python3 /usr/sbin/nginx; ls /etc/nginx',
      )
      expect(found.stdout, host).toBe('')
    }
  })

  test('has hosts that boot systemd as their first process without a failed unit', async () => {
    for (const { name: host } of running.lab.hosts) {
      const { stdout } = await onHost(
        running,
        host,
        'cat /proc/1/comm; systemctl is-system-running; hostname',
      )
      expect(stdout).toBe(`systemd\nrunning\n${host}\n`)
    }
  })

  test('lets gw in by key, as a user who becomes root by sudo without a password', async () => {
    expect((await onHost(running, 'gw-1', 'id -un; sudo -n id -un')).stdout).toBe('gw\nroot\n')
  })

  test('knows the hosts by keys that they keep over a restart', async () => {
    await docker(['restart', '--time', '0', `gw-lab-${name}-plain-1`])
    expect((await labUp({ name })).changed).toBe(false)
    expect((await onHost(running, 'plain-1', 'true')).exitCode).toBe(0)
  })

  test('lets a host change the settings of its own network', async () => {
    const { stdout } = await onHost(running, 'gw-2', 'sudo sysctl -w net.ipv4.ip_nonlocal_bind=1')
    expect(stdout).toBe('net.ipv4.ip_nonlocal_bind = 1\n')
  })

  test('gives a service that is stopped with all its processes the end that systemd gives it', async () => {
    const script =
      'sudo systemd-run -q --unit=two sh -c "sleep 60 & sleep 60" && sudo systemctl stop two; pgrep -c sleep'
    expect((await onHost(running, 'gw-2', script)).stdout).toBe('0\n')
  })

  test('keeps its private key to its owner', async () => {
    expect((await stat(running.stateDir)).mode & 0o777).toBe(0o700)
    expect((await stat(running.files.identityFile)).mode & 0o777).toBe(0o600)
  })

  test('writes an inventory that differs from inventory/lab.yml by its addresses, key and plain hosts', async () => {
    const { lab, files } = running
    const inventory = await loadInventory(files.inventory, { projectDir: projectDir(), env: process.env })
    expect(inventory.hosts.map((host) => [host.name, host.connection.address])).toEqual(
      lab.hosts.map((host) => [host.name, host.address]),
    )
    for (const { connection } of inventory.hosts) {
      expect(connection.identityFiles).toEqual([files.identityFile])
      expect(connection.knownHosts).toEqual([files.knownHosts])
    }
    expect(inventory.groups['plain']).toEqual(['plain-1'])
    expect(inventory.gateway?.virtualIp.address).toBe(lab.virtualIp)
  })

  test('runs healthy backends of both services in release v1', async () => {
    for (const [host, port, service] of [
      ['admin-3', 3000, 'admin-server'],
      ['customer-1', 3001, 'customer-server'],
    ] as const) {
      const { status, json } = await ask(`http://${hostOf(running, host).address}:${port}/health`)
      expect({ status, ...json }).toMatchObject({ status: 'healthy', service, version: 'v1' })
      expect(status).toBe(200)
    }
  })

  test('has backends whose knobs turn while they run', async () => {
    const url = `http://${hostOf(running, 'admin-1').address}:3000`
    await ask(`${url}/__knobs`, { errorRatio: 0.5, healthy: false })
    const statuses = []
    for (let count = 0; count < 4; count += 1) statuses.push((await ask(`${url}/x`)).status)
    expect(statuses).toEqual([200, 500, 200, 500])
    expect((await ask(`${url}/health`)).status).toBe(503)
    await ask(`${url}/__knobs`, { errorRatio: 0, healthy: true })
    expect((await ask(`${url}/health`)).status).toBe(200)
  })

  test('has backends that change their release by one link and a restart', async () => {
    const script = 'sudo ln -sfnT releases/v2 /srv/backend/current && sudo systemctl restart backend'
    expect((await onHost(running, 'customer-2', script)).exitCode).toBe(0)
    await labUp({ name })
    const { json } = await ask(`http://${hostOf(running, 'customer-2').address}:3001/version`)
    expect(json).toEqual({ service: 'customer-server', version: 'v2', host: 'customer-2' })
  })

  test('loses its plain hosts when none are wanted any more', async () => {
    const smaller = await labUp({ name, plain: 0 })
    expect(smaller.lab.hosts).toHaveLength(9)
    expect(await docker(['ps', '--all', '--quiet', '--filter', `name=gw-lab-${name}-plain`])).toBe('')
  })

  test('leaves no container, network or folder behind when it goes', async () => {
    await labDown({ name })
    const filter = `label=${LABEL.lab}=${name}`
    expect(await docker(['ps', '--all', '--quiet', '--filter', filter])).toBe('')
    expect(await docker(['network', 'ls', '--quiet', '--filter', filter])).toBe('')
    expect(existsSync(running.stateDir)).toBe(false)
    expect(await labStatus(name)).toEqual({ name, network: null, hosts: [] })
  })
})

test('a lab of another copy of the project is refused with the way round it', async () => {
  const lab = `${name}-foreign`
  const labels = ['--label', `${LABEL.lab}=${lab}`, '--label', `${LABEL.state}=/elsewhere`]
  const images = await docker(['image', 'ls', '--quiet', '--filter', `label=${LABEL.image}=host`])
  try {
    await docker(['create', ...labels, images.split('\n')[0] ?? ''])
    await expect(labUp({ name: lab })).rejects.toMatchObject({ code: 'LAB_UNAVAILABLE' })
  } finally {
    await labDown({ name: lab })
  }
})

test('a host that cannot boot fails the lab with its name and last words', async () => {
  const broken = layOut(`${name}-broken`, '198.18.255', 0)
  const host = { name: 'gw-2', role: 'gateway', address: '198.18.255.102' } as const
  const images = await docker(['image', 'ls', '--quiet', '--filter', `label=${LABEL.image}=host`])
  const container = containerName(broken.name, host.name)
  try {
    // Without the capabilities that compose gives it, the container's first process cannot mount anything.
    await docker([
      'run',
      '--detach',
      '--network',
      'none',
      '--name',
      container,
      '--label',
      `${LABEL.lab}=${broken.name}`,
      images.split('\n')[0] ?? '',
    ])
    const failure = labReady({ ...broken, hosts: [host] }, new AbortController().signal)
    await expect(failure).rejects.toMatchObject({ code: 'LAB_FAILED', host: 'gw-2' })
    await expect(failure).rejects.toMatchObject({ frame: expect.stringContaining('unshare') as string })
  } finally {
    await labDown({ name: broken.name })
  }
})
