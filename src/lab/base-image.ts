import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GwError } from '../errors.js'
import { INDEX_TARGET_FORMAT, SUITE, aptOptions, debianSources } from './apt.js'
import { LABEL } from './compose.js'
import { succeeded } from './docker.js'
import { lastLines, runLocally } from './local.js'
import type { LabWork } from './local.js'

const PUBLIC_IMAGE = `debian:${SUITE}-slim`
const OWN_IMAGE = `gw-lab-base:${SUITE}`
const PULL_TIMEOUT_MS = 30_000

export async function imageExists(tag: string): Promise<boolean> {
  return (await runLocally(['docker', 'image', 'inspect', '--format', '{{.Id}}', tag])).exitCode === 0
}

/** How mmdebstrap is to fetch packages: this machine's own way where it runs Debian, else its default. */
async function packageSource(dir: string): Promise<string[]> {
  const targets = await runLocally([
    'apt-get',
    'indextargets',
    '--format',
    INDEX_TARGET_FORMAT,
    'Created-By: Packages',
  ])
  const config = await runLocally(['apt-config', 'dump'])
  const options = aptOptions(config.stdout).map((option) => `--aptopt=${option}`)
  const sources = debianSources(targets.stdout)
  if (sources.length === 0) return [...options, SUITE, join(dir, 'base.tar')]
  const list = join(dir, 'debian.list')
  await writeFile(list, `${sources.join('\n')}\n`)
  return [...options, SUITE, join(dir, 'base.tar'), list]
}

async function bootstrap(dir: string, signal: AbortSignal): Promise<void> {
  const speed = ['--dpkgopt=force-unsafe-io', '--dpkgopt=path-exclude=/usr/share/doc/*']
  // Without root mmdebstrap needs a kernel and settings that let users make namespaces, which many machines refuse.
  const become = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive', '--']
  const words = [
    ...become,
    'mmdebstrap',
    '--quiet',
    '--variant=minbase',
    ...speed,
    ...(await packageSource(dir)),
  ]
  const result = await runLocally(words, { signal })
  if (result.exitCode === 0) return
  throw new GwError(
    'LAB_FAILED',
    `the base image ${PUBLIC_IMAGE} could not be pulled, nor one built with mmdebstrap`,
    {
      frame: lastLines(result),
      nextSteps: [
        `docker pull ${PUBLIC_IMAGE} tries the first way by hand.`,
        'bin/engine installs mmdebstrap for the second; then run the same command again.',
      ],
    },
  )
}

async function buildBase({ report, signal }: LabWork): Promise<void> {
  report(`${PUBLIC_IMAGE} cannot be pulled here; building a base image with mmdebstrap (half a minute)`)
  const dir = await mkdtemp(join(tmpdir(), 'gw-lab-'))
  try {
    await bootstrap(dir, signal)
    const words = [
      'docker',
      'import',
      '--change',
      `LABEL ${LABEL.image}=base`,
      join(dir, 'base.tar'),
      OWN_IMAGE,
    ]
    succeeded(words, await runLocally(words))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/**
 * The plain Debian image that the hosts' image starts from: the public one when it is here or can be pulled, else one
 * built from the distribution's packages. Answers its tag.
 * @throws GwError LAB_FAILED when there is no way to get one.
 */
export async function ensureBaseImage(work: LabWork): Promise<string> {
  if (await imageExists(PUBLIC_IMAGE)) return PUBLIC_IMAGE
  if (await imageExists(OWN_IMAGE)) return OWN_IMAGE
  work.report(`pulling ${PUBLIC_IMAGE}`)
  const pulled = await runLocally(['docker', 'pull', '--quiet', PUBLIC_IMAGE], {
    timeoutMs: PULL_TIMEOUT_MS,
    signal: work.signal,
  })
  if (pulled.exitCode === 0) return PUBLIC_IMAGE
  await buildBase(work)
  return OWN_IMAGE
}
