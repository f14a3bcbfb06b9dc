import { createHash } from 'node:crypto'
import { chmod, cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GwError } from '../errors.js'
import { ensureBaseImage, imageExists } from './base-image.js'
import type { LabImages } from './compose.js'
import { succeeded } from './docker.js'
import { runLocally } from './local.js'
import type { LabWork } from './local.js'

/** Files of a build by their path in its context; the values are absolute paths on this machine. */
type Context = Readonly<Record<string, string>>

async function hostContext(project: string): Promise<Context> {
  const dir = join(project, 'lab', 'host')
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(files.sort().map((file) => [file.slice(dir.length + 1), file]))
}

const BACKEND_CODE = ['server.js', 'service.js', 'knobs.js', 'orders.js', 'websocket.js']

function backendContext(project: string): Context {
  const source = join(project, 'lab', 'backend')
  const built = join(project, 'dist', 'lab', 'backend')
  return {
    Dockerfile: join(source, 'Dockerfile'),
    install: join(source, 'install'),
    'backend.service': join(source, 'backend.service'),
    ...Object.fromEntries(BACKEND_CODE.map((name) => [name, join(built, name)])),
  }
}

/** A tag that changes with every input of the build, so that an image is built again exactly when it must be. */
async function tagOf(name: string, context: Context, parent: string): Promise<string> {
  const hash = createHash('sha256').update(parent)
  for (const [path, file] of Object.entries(context)) {
    hash.update(`\0${path}\0`).update(await readFile(file))
  }
  return `${name}:${hash.digest('hex').slice(0, 12)}`
}

/** Gives a build's files the modes that they have in the image, whatever mask the project was cloned under. */
async function openToAll(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
}

async function build(
  tag: string,
  context: Context,
  args: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'gw-lab-'))
  try {
    for (const [path, file] of Object.entries(context)) await cp(file, join(dir, path))
    await openToAll(dir)
    const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
    // The machine's own network: a bridge may lose large packets where the way out has a smaller limit.
    const words = ['docker', 'build', '--network', 'host', '--tag', tag, ...buildArgs, dir]
    // The classic builder comes with every engine; BuildKit is a plugin that some distributions leave out.
    succeeded(words, await runLocally(words, { env: { DOCKER_BUILDKIT: '0' }, signal }))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function backendFiles(project: string): Promise<Context> {
  const context = backendContext(project)
  try {
    await readFile(context['server.js'] ?? '')
  } catch (cause) {
    throw new GwError('LAB_UNAVAILABLE', "the lab's backend service is not built", {
      cause,
      nextSteps: ['npm run build builds it.'],
    })
  }
  return context
}

/**
 * Builds the images of the lab's hosts unless those that fit the files of this project are there already.
 * @throws GwError LAB_UNAVAILABLE when the project is not built, LAB_FAILED when a build fails.
 */
export async function ensureImages(project: string, { report, signal }: LabWork): Promise<LabImages> {
  const ofHost = await hostContext(project)
  const ofBackend = await backendFiles(project)
  const host = await tagOf('gw-lab-host', ofHost, '')
  const backend = await tagOf('gw-lab-backend', ofBackend, host)
  const [hostIsThere, backendIsThere] = await Promise.all([imageExists(host), imageExists(backend)])
  if (!hostIsThere) {
    const base = await ensureBaseImage({ report, signal })
    report(`building the image of the hosts on ${base}`)
    await build(host, ofHost, { BASE: base }, signal)
  }
  if (!backendIsThere) {
    report('building the image of the backends')
    await build(backend, ofBackend, { HOST: host }, signal)
  }
  return { host, backend }
}
