import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { deploy } from '../../playbooks/deploy.js'
import { compileInquiries, groupByFact } from '../../src/engine/gather.js'
import { planPlays, type PlannedTask } from '../../src/engine/plan.js'
import type { PlayContext } from '../../src/engine/playbook.js'
import type { Answers, Question } from '../../src/facts/fact.js'
import type { FileState } from '../../src/facts/file.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import type { Inventory } from '../../src/model/inventory.js'
import type { NginxBuild } from '../../src/model/nginx-build.js'
import type { RenderedFile } from '../../src/model/rendered-file.js'
import { Secret } from '../../src/model/secret.js'
import type { Certificate } from '../../src/model/tls.js'
import { sha256Of } from '../../src/operations/replacement.js'
import { BUILD_PER_DIALECT, OLDEST_BUILD } from '../../src/render/nginx/dialect.js'
import { releaseConf } from '../../src/render/nginx/files.js'
import { UNRELEASED } from '../../src/render/nginx/release-name.js'
import { releasesOf } from '../../src/render/release.js'
import { SYSTEM_FILES } from '../../src/render/system-files.js'
import { ROOT } from '../architecture/source.js'

const CURRENT = '/var/lib/gw/current'
const CERTIFICATES: readonly Certificate[] = [
  { algorithm: 'rsa', chain: '(the certificate)\n', key: new Secret('(the key)\n') },
]
const NEW: NginxBuild = { version: '1.30.0', modules: [] }

let inventory: Inventory
let context: PlayContext

beforeAll(async () => {
  inventory = await loadInventory(`${ROOT}/inventory/production.yml`, {
    projectDir: ROOT,
    env: { HOME: '/home/ann' },
  })
  const [host] = inventory.hosts
  if (host === undefined) throw new Error('production has no host')
  context = { inventory, host, hosts: inventory.hosts }
})

function plays() {
  if (inventory.gateway === null) throw new Error('production has no gateway')
  return deploy(inventory.gateway, CERTIFICATES).plays.map((play) => ({ play, tasks: play.tasks(context) }))
}

function rendered(nginx: NginxBuild): RenderedFile[] {
  if (inventory.gateway === null) throw new Error('production has no gateway')
  return [...releasesOf(inventory.gateway, CERTIFICATES)(context.host.name)(nginx), releaseConf(UNRELEASED)]
}

function standing({ content, mode }: RenderedFile): FileState {
  const sha256 = sha256Of(content instanceof Secret ? content.reveal() : content)
  const times = { changedAt: 2000, modifiedAt: 1000 }
  return { type: 'file', mode, owner: 'root', group: 'root', size: 1, ...times, sha256, content: null }
}

function linkTo(target: string): FileState {
  const times = { changedAt: 1000, modifiedAt: 1000 }
  return { type: 'link', mode: '0777', owner: 'root', group: 'root', size: 1, ...times, target }
}

/** A host with everything as it was deployed for `files`, but for what stands at `other`; its units run since 1500. */
function answers(
  nginx: NginxBuild | null,
  files: readonly RenderedFile[],
  other: Readonly<Record<string, FileState>> = {},
): Answers {
  const standingAt = new Map([
    ...files.map((file) => [`${CURRENT}/${file.path}`, standing(file)] as const),
    [CURRENT, linkTo('/var/lib/gw/releases/20261121T160000Z-17')],
    ['/etc/nginx/nginx.conf', linkTo(`${CURRENT}/nginx/nginx.conf`)],
    ['/etc/nginx/gw', linkTo(`${CURRENT}/nginx/gw`)],
    ['/etc/keepalived/keepalived.conf', linkTo(`${CURRENT}/keepalived/keepalived.conf`)],
    ...Object.values(SYSTEM_FILES).map(
      (file) => [file.path, { ...standing(file), changedAt: 1000 } as FileState] as const,
    ),
    ...Object.entries(other),
  ])
  const unit = { load: 'loaded', active: 'active', sub: 'running', enabled: 'enabled', mainPid: 1 }
  const known: Readonly<Record<string, (path: string) => unknown>> = {
    'nginx-build': () => nginx,
    package: () => ({ installed: true, held: false, version: '1', configured: true }),
    unit: () => ({ ...unit, needsDaemonReload: false, startedAt: 1500, changedAt: 1500, reloaded: true }),
    file: (path) => standingAt.get(path) ?? { type: 'absent' },
  }
  return {
    to<Answer>({ fact, argument }: Question<Answer>): Answer {
      return known[fact.name]?.((argument as { path: string }).path) as Answer
    },
  }
}

function plannedFor(host: Answers): Map<string, PlannedTask['decision']> {
  const tasks = planPlays(plays(), host).flatMap((play) => play.tasks)
  return new Map(tasks.map(({ task, decision }) => [task.name, decision]))
}

function published(host: Answers): string {
  const decision = plannedFor(host).get('Configure the gateway')
  return decision?.kind === 'change' ? Buffer.from(decision.input ?? []).toString() : ''
}

describe('the playbook deploy', () => {
  it('gives each host what its NGINX understands, and one that is not known what the oldest does', () => {
    expect(published(answers(NEW, []))).toContain('http2 on;')
    for (const build of [OLDEST_BUILD, null]) {
      expect(published(answers(build, []))).toContain('ssl http2')
      expect(published(answers(build, []))).not.toContain('http2 on;')
    }
  })

  it.each(BUILD_PER_DIALECT)('has nothing to publish where the files for NGINX $version stand', (build) => {
    const host = answers(build, rendered(build))
    expect(plannedFor(host).get('Configure the gateway')).toMatchObject({ kind: 'ok' })
  })

  it('publishes anew where NGINX became another one', () => {
    expect(published(answers(NEW, rendered(OLDEST_BUILD)))).toContain('http2 on;')
  })

  it('asks a host about everything in less than 2 KB', () => {
    const questions = plays().flatMap(({ play, tasks }) => [
      ...tasks.flatMap((task) => task.operation.questions),
      ...(play.last === undefined ? [] : [play.last(context)]),
    ])
    expect(gzipSync(compileInquiries(groupByFact(questions))).length).toBeLessThan(2000)
  })

  it.each([
    { changed: 'nginx/gw/pools/admin.conf', nginx: 'change', keepalived: 'ok' },
    { changed: 'nginx/gw/tls/rsa.key', nginx: 'change', keepalived: 'ok' },
    { changed: 'keepalived/keepalived.conf', nginx: 'ok', keepalived: 'change' },
  ])('reloads only who reads it when $changed changed', ({ changed, nginx, keepalived }) => {
    const old = { ...standing({ path: changed, mode: '0644', content: 'old' }), content: 'old' } as FileState
    const host = plannedFor(answers(NEW, rendered(NEW), { [`${CURRENT}/${changed}`]: old }))
    expect(host.get('Configure the gateway')).toMatchObject({
      kind: 'change',
      summary: `1 file differs: ${changed}`,
      touches: [`${CURRENT}/${changed}`],
    })
    // Copies in a new release have a new ctime, later than what the units have read.
    expect([host.get('Run NGINX')?.kind, host.get('Run keepalived')?.kind]).toEqual([nginx, keepalived])
  })

  it('shows no key in what it would change', () => {
    const decision = plannedFor(answers(NEW, [])).get('Configure the gateway')
    if (decision?.kind !== 'change') throw new Error('nothing to change')
    expect(JSON.stringify({ ...decision, input: undefined })).not.toContain('(the key)')
    expect(decision.secrets?.map((secret) => secret.reveal())).toEqual(['(the key)\n'])
  })
})
