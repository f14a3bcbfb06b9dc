import { writeFile } from 'node:fs/promises'
import { GwError } from '../errors.js'
import { composeDocument } from './compose.js'
import type { ComposeDocument } from './compose.js'
import { dockerNetworks, findCompose, labContainers, requireEngine, succeeded } from './docker.js'
import type { LabContainer } from './docker.js'
import { ensureImages } from './images.js'
import { runLocally } from './local.js'
import { labStateDir, projectDir } from './project-dir.js'
import { labReady } from './ready.js'
import { recall, remember, writeState } from './state.js'
import type { LabFiles } from './state.js'
import { DEFAULT_LAB, checkLabName, chooseNetwork, layOut } from './topology.js'
import type { Lab } from './topology.js'
import { machineNetworks, wayOutMtu } from './way-out.js'

export interface LabUpOptions {
  /** Default: "lab", the one that inventory/lab.yml describes. */
  readonly name?: string
  /** Extra bare hosts plain-1.. ; default: as many as the lab has, none for a new one. */
  readonly plain?: number
  /** Told what happens, a line at a time. */
  readonly report?: (line: string) => void
}

/** A lab whose hosts are all ready. */
export interface RunningLab {
  readonly lab: Lab
  readonly stateDir: string
  readonly files: LabFiles
  /** False when everything ran already. */
  readonly changed: boolean
}

async function planLab(name: string, stateDir: string, plain: number | undefined): Promise<Lab> {
  const memory = await recall(stateDir)
  const prefix =
    memory?.prefix ?? chooseNetwork(name, [...machineNetworks(), ...(await dockerNetworks(name))])
  const lab = layOut(name, prefix, plain ?? memory?.plain ?? 0)
  await remember(stateDir, { prefix, plain: lab.hosts.filter((host) => host.role === 'plain').length })
  return lab
}

/** @throws GwError LAB_UNAVAILABLE when a lab of this name belongs to another copy of the project. */
function refuseForeign(name: string, containers: readonly LabContainer[], stateDir: string): void {
  const foreign = containers.find((container) => container.stateDir !== stateDir)
  if (foreign === undefined) return
  throw new GwError(
    'LAB_UNAVAILABLE',
    `A lab named ${name} is there already, made by another copy of the project.`,
    {
      frame: `its state folder: ${foreign.stateDir}`,
      nextSteps: [
        'gw lab up --name OTHER, for a lab beside it',
        `gw lab down --name ${name}, to remove that one`,
      ],
    },
  )
}

/** Hosts that must be started or made again, and whether any container is left over. */
function difference(
  document: ComposeDocument,
  containers: readonly LabContainer[],
): { missing: string[]; extra: boolean } {
  const running = new Map(
    containers.filter(({ state }) => state === 'running').map((each) => [each.host, each.definition]),
  )
  const missing = [...document.definitions].filter(([host, definition]) => running.get(host) !== definition)
  return {
    missing: missing.map(([host]) => host),
    extra: containers.some(({ host }) => !document.definitions.has(host)),
  }
}

async function startContainers(lab: Lab, file: string): Promise<void> {
  const compose = await findCompose()
  const project = ['--file', file, '--project-name', `gw-lab-${lab.name}`]
  const words = [...compose, ...project, 'up', '--detach', '--no-build', '--remove-orphans']
  succeeded(words, await runLocally(words))
}

/**
 * Brings a lab up: images, keys, network, containers, whatever of these is missing, and waits until every host is ready.
 * @throws GwError USAGE (name, plain), LAB_UNAVAILABLE (no engine, not built, the name or network taken),
 *   LAB_FAILED (a build, a container or a host, with its last log lines).
 */
export async function labUp(options: LabUpOptions = {}): Promise<RunningLab> {
  const name = checkLabName(options.name ?? DEFAULT_LAB)
  const report = options.report ?? (() => undefined)
  const project = projectDir()
  const stateDir = labStateDir(project, name)
  await requireEngine()
  const containers = await labContainers(name)
  refuseForeign(name, containers, stateDir)
  const images = await ensureImages(project, report)
  const lab = await planLab(name, stateDir, options.plain)
  const files = await writeState(stateDir, lab)
  const document = composeDocument(lab, { images, stateDir, mtu: await wayOutMtu() })
  await writeFile(files.compose, document.text)
  const { missing, extra } = difference(document, containers)
  const changed = missing.length > 0 || extra
  if (changed) {
    report(
      `starting ${missing.length === 0 ? 'nothing, removing what is no longer wanted' : missing.join(', ')}`,
    )
    await startContainers(lab, files.compose)
  }
  await labReady(lab)
  report(
    `the lab ${name} ${changed ? 'is up' : 'was up already'}: ${lab.hosts.length} hosts on ${lab.prefix}.0/24`,
  )
  return { lab, stateDir, files, changed }
}
