import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { GwError } from '../errors.js'
import { containerName } from './compose.js'
import { checkInterrupt, runLocally } from './local.js'
import { serviceOf } from './topology.js'
import type { Lab, LabHost } from './topology.js'

const LIMIT_MS = 60_000
const POLL_MS = 100
const ANSWER_MS = 2_000

/** Whether an SSH server introduces itself at the address. */
function sshAnswers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: ANSWER_MS })
    const end = (answers: boolean): void => {
      socket.destroy()
      resolve(answers)
    }
    socket.once('data', (data) => {
      end(data.toString('latin1').startsWith('SSH-2.0-'))
    })
    for (const event of ['error', 'timeout', 'close']) {
      socket.once(event, () => {
        end(false)
      })
    }
  })
}

function healthAnswers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host: address, port, path: '/health', timeout: ANSWER_MS, agent: false },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    request.once('timeout', () => request.destroy())
    request.once('error', () => {
      resolve(false)
    })
  })
}

/** What keeps a host from being ready: `null` when nothing does. `final` when waiting will not help. */
interface Obstacle {
  readonly what: string
  readonly final: boolean
}

async function obstacle(lab: Lab, host: LabHost): Promise<Obstacle | null> {
  const container = containerName(lab.name, host.name)
  const boot = await runLocally(['docker', 'exec', container, 'systemctl', 'is-system-running', '--wait'], {
    timeoutMs: LIMIT_MS,
  })
  const state = boot.stdout.trim()
  if (state !== 'running') {
    const running = await runLocally(['docker', 'inspect', '--format', '{{.State.Running}}', container])
    if (running.stdout.trim() !== 'true') return { what: 'its container ended', final: true }
    return { what: `systemd says ${state === '' ? 'nothing yet' : state}`, final: state === 'degraded' }
  }
  if (!(await sshAnswers(host.address)))
    return { what: `sshd does not answer at ${host.address}:22`, final: false }
  const service = serviceOf(host.role)
  if (service === null || (await healthAnswers(host.address, service.port))) return null
  return {
    what: `${service.name} does not answer at http://${host.address}:${service.port}/health`,
    final: false,
  }
}

/** What the container and its journal said last. */
async function lastWords(container: string): Promise<string> {
  const [log, failed, journal] = await Promise.all([
    runLocally(['docker', 'logs', '--tail', '10', container]),
    runLocally(['docker', 'exec', container, 'systemctl', '--failed', '--plain', '--no-legend']),
    runLocally([
      'docker',
      'exec',
      container,
      'journalctl',
      '--boot',
      '--no-pager',
      '--lines',
      '20',
      '--priority',
      'notice',
    ]),
  ])
  return [log.stdout, log.stderr, failed.stdout, journal.stdout]
    .join('\n')
    .replaceAll(/\n{2,}/g, '\n')
    .trim()
}

async function hostReady(lab: Lab, host: LabHost, deadline: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    checkInterrupt(signal)
    const met = await obstacle(lab, host)
    if (met === null) return
    if (met.final || Date.now() > deadline) {
      const container = containerName(lab.name, host.name)
      throw new GwError('LAB_FAILED', `this host of the lab ${lab.name} did not get ready: ${met.what}`, {
        host: host.name,
        frame: await lastWords(container),
        nextSteps: [
          `docker exec -it ${container} journalctl --boot shows its journal.`,
          `gw lab down --name ${lab.name} removes the lab, and gw lab up --name ${lab.name} makes it anew.`,
        ],
      })
    }
    await delay(POLL_MS)
  }
}

/**
 * Waits until systemd has started every host, sshd answers on it and its backend service is healthy.
 * @throws GwError LAB_FAILED with the first such host and its last log lines when that takes over a minute.
 */
export async function labReady(lab: Lab, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LIMIT_MS
  await Promise.all(lab.hosts.map((host) => hostReady(lab, host, deadline, signal)))
}
