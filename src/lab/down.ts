import { rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LABEL } from './compose.js'
import { docker, labContainers, outputLines, requireEngine } from './docker.js'
import { labStateDir, projectDir } from './project-dir.js'
import { checkLabName } from './topology.js'

interface LabDownOptions {
  readonly name: string
  /** Also remove the images that labs are made from; those that another lab runs stay. */
  readonly images?: boolean
  readonly report?: (line: string) => void
}

async function removeImages(): Promise<void> {
  const ids = outputLines(
    await docker(['image', 'ls', '--quiet', '--no-trunc', '--filter', `label=${LABEL.image}`]),
  )
  const inUse = new Set(
    outputLines(await docker(['ps', '--all', '--quiet', '--filter', `label=${LABEL.lab}`])),
  )
  if (inUse.size === 0 && ids.length > 0) await docker(['image', 'rm', '--force', ...new Set(ids)])
}

async function removeStateDir(stateDir: string): Promise<void> {
  await rm(stateDir, { recursive: true, force: true })
  // The folder of all labs goes with the last one.
  await rmdir(dirname(stateDir)).catch(() => undefined)
}

/**
 * Removes a lab: its containers, its network, its state folder; nothing is left behind. A lab that is not there is no error.
 * @throws GwError USAGE (name), LAB_UNAVAILABLE (no engine), LAB_FAILED (Docker refused).
 */
export async function labDown(options: LabDownOptions): Promise<void> {
  const name = checkLabName(options.name)
  const report = options.report ?? (() => undefined)
  await requireEngine()
  const containers = await labContainers(name)
  if (containers.length > 0) await docker(['rm', '--force', '--volumes', ...containers.map(({ id }) => id)])
  const filter = `label=${LABEL.lab}=${name}`
  const networks = outputLines(await docker(['network', 'ls', '--quiet', '--no-trunc', '--filter', filter]))
  if (networks.length > 0) await docker(['network', 'rm', ...networks])
  await removeStateDir(labStateDir(projectDir(), name))
  if (options.images === true) await removeImages()
  report(
    containers.length === 0
      ? `the lab ${name} was not up`
      : `the lab ${name} is gone: ${containers.length} hosts`,
  )
}
