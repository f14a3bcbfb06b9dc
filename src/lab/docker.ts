import { GwError } from '../errors.js'
import { LABEL } from './compose.js'
import { lastLines, runLocally } from './local.js'
import type { LocalOptions, LocalResult } from './local.js'

/** A container of a lab as Docker knows it. */
export interface LabContainer {
  readonly id: string
  readonly host: string
  /** Docker's word: "running", "exited", "created", "restarting", ... */
  readonly state: string
  readonly definition: string
  /** State folder of the lab that it was made for. */
  readonly stateDir: string
}

/** @throws GwError LAB_FAILED with the last lines of the output when the command fails. */
export async function docker(words: readonly string[], options: LocalOptions = {}): Promise<string> {
  return succeeded(['docker', ...words], await runLocally(['docker', ...words], options))
}

/** @throws GwError LAB_FAILED when `result` is not a success. */
export function succeeded(words: readonly string[], result: LocalResult): string {
  if (result.exitCode === 0) return result.stdout
  throw new GwError(
    'LAB_FAILED',
    `the command ${words[0] ?? ''} failed with exit code ${result.exitCode ?? 'none'}`,
    {
      frame: lastLines(result),
      nextSteps: [
        words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' '),
      ],
    },
  )
}

/** Lines of a command's output, without empty ones. */
export function outputLines(output: string): string[] {
  return output.split('\n').filter((line) => line !== '')
}

/** @throws GwError LAB_UNAVAILABLE when no Docker engine answers this user. */
export async function requireEngine(): Promise<void> {
  const result = await runLocally(['docker', 'version', '--format', '{{.Server.Version}}'], {
    timeoutMs: 20_000,
  })
  if (result.exitCode === 0) return
  throw new GwError(
    'LAB_UNAVAILABLE',
    'no Docker engine answers on this machine, and the lab runs in its containers',
    {
      frame: lastLines(result, 5),
      nextSteps: ['bin/engine installs and starts one.'],
    },
  )
}

/**
 * The compose that works here: `docker compose`, else `docker-compose`.
 * @throws GwError LAB_UNAVAILABLE when there is neither.
 */
export async function findCompose(): Promise<readonly string[]> {
  for (const words of [['docker', 'compose'], ['docker-compose']]) {
    const result = await runLocally([...words, 'version', '--short'])
    if (result.exitCode === 0) return words
  }
  throw new GwError(
    'LAB_UNAVAILABLE',
    'neither `docker compose` nor `docker-compose` works on this machine',
    {
      nextSteps: ['bin/engine installs one of them.'],
    },
  )
}

/** Containers of the lab `name`, running or not. */
export async function labContainers(name: string): Promise<LabContainer[]> {
  const labels = [LABEL.host, LABEL.definition, LABEL.state].map((label) => `{{.Label "${label}"}}`)
  const format = ['{{.ID}}', '{{.State}}', ...labels].join('\t')
  const filter = `label=${LABEL.lab}=${name}`
  const output = await docker(['ps', '--all', '--no-trunc', '--filter', filter, '--format', format])
  return outputLines(output).map((line) => {
    const [id = '', state = '', host = '', definition = '', stateDir = ''] = line.split('\t')
    return { id, state, host, definition, stateDir }
  })
}

/** IPv4 networks in CIDR form that Docker has, those of the lab `except` left out. */
export async function dockerNetworks(except: string): Promise<string[]> {
  const ids = outputLines(await docker(['network', 'ls', '--quiet', '--no-trunc']))
  if (ids.length === 0) return []
  const format = `{{index .Labels "${LABEL.lab}"}}{{range .IPAM.Config}} {{.Subnet}}{{end}}`
  return outputLines(await docker(['network', 'inspect', '--format', format, ...ids])).flatMap((line) => {
    const [lab = '', ...subnets] = line.split(' ')
    return lab === except ? [] : subnets.filter((subnet) => /^[\d.]+\/\d+$/.test(subnet))
  })
}
