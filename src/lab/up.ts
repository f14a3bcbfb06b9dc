import { writeFile } from 'node:fs/promises'
import { GwError } from '../errors.js'
import { composeDocument } from './compose.js'
import type { ComposeDocument } from './compose.js'
import { dockerNetworks, findCompose, labContainers, requireEngine, succeeded } from './docker.js'
import type { LabContainer } from './docker.js'
import { ensureImages } from './images.js'
import { runLocally } from './local.js'
import { machineNetworks, wayOutMtu } from './machine-networks.js'
import { labStateDir, projectDir } from './project-dir.js'
import { labReady } from './ready.js'
import { recall, remember, writeState } from './state.js'
import type { LabFiles } from './state.js'
import { checkLabName, chooseNetwork, layOut } from './topology.js'
import type { Lab } from './topology.js'

interface LabUpOptions {
  readonly name: string
  /** Extra bare hosts plain-1.. ; default: as many as the lab has, none for a new one. */
  readonly plain?: number
  /** Told what happens, a line at a time. */
  readonly report?: (line: string) => void
  /** Stops the work; what was made so far stays. */
  readonly signal?: AbortSignal
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
    `a lab named ${name} is there already, made by another copy of the project`,
    {
      frame: `its state folder: ${foreign.stateDir}`,
      nextSteps: [
        'gw lab up --name OTHER makes a lab beside it.',
        `gw lab down --name ${name} removes that one.`,
      ],
    },
  )
}

/** Names of hosts by what must be done about their containers. */
interface Difference {
  readonly start: readonly string[]
  /** Made anew, since what they are made from has changed. */
  readonly renew: readonly string[]
  readonly remove: readonly string[]
}

function difference(document: ComposeDocument, containers: readonly LabContainer[]): Difference {
  const known = new Map(containers.map((container) => [container.host, container]))
  const wanted = [...document.definitions]
  const isOld = (host: string, definition: string): boolean =>
    (known.get(host)?.definition ?? definition) !== definition
  return {
    start: wanted.flatMap(([host, definition]) =>
      isOld(host, definition) || known.get(host)?.state === 'running' ? [] : [host],
    ),
    renew: wanted.flatMap(([host, definition]) => (isOld(host, definition) ? [host] : [])),
    remove: [...known.keys()].filter((host) => !document.definitions.has(host)),
  }
}

function describe({ start, renew, remove }: Difference): string[] {
  return [
    ...(start.length === 0 ? [] : [`starting ${start.join(', ')}`]),
    ...(renew.length === 0
      ? []
      : [`making anew, since their image or settings changed: ${renew.join(', ')}`]),
    ...(remove.length === 0 ? [] : [`removing ${remove.join(', ')}`]),
  ]
}

async function startContainers(lab: Lab, file: string, signal: AbortSignal): Promise<void> {
  const compose = await findCompose()
  const project = ['--file', file, '--project-name', `gw-lab-${lab.name}`]
  const words = [...compose, ...project, 'up', '--detach', '--no-build', '--remove-orphans']
  succeeded(words, await runLocally(words, { signal }))
}

/**
 * Brings a lab up: images, keys, network, containers, whatever of these is missing, and waits until every host is ready.
 * @throws GwError USAGE (name, plain), LAB_UNAVAILABLE (no engine, not built, the name or network taken),
 *   LAB_FAILED (a build, a container or a host, with its last log lines).
 */
export async function labUp(options: LabUpOptions): Promise<RunningLab> {
  const name = checkLabName(options.name)
  const { report = () => undefined, signal = new AbortController().signal } = options
  const project = projectDir()
  const stateDir = labStateDir(project, name)
  await requireEngine()
  const containers = await labContainers(name)
  refuseForeign(name, containers, stateDir)
  const images = await ensureImages(project, { report, signal })
  const lab = await planLab(name, stateDir, options.plain)
  const files = await writeState(stateDir, lab)
  const document = composeDocument(lab, { images, stateDir, mtu: await wayOutMtu() })
  await writeFile(files.compose, document.text)
  const steps = describe(difference(document, containers))
  const changed = steps.length > 0
  steps.forEach(report)
  if (changed) await startContainers(lab, files.compose, signal)
  await labReady(lab, signal)
  report(
    `the lab ${name} ${changed ? 'is up' : 'was up already'}: ${lab.hosts.length} hosts on ${lab.prefix}.0/24`,
  )
  return { lab, stateDir, files, changed }
}
