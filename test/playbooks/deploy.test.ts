import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { deploy } from '../../playbooks/deploy.js'
import { compileInquiries, GatheredAnswers, groupByFact } from '../../src/engine/gather.js'
import { planPlays, type PlannedTask } from '../../src/engine/plan.js'
import type { PlayContext, SurveyedPlaybook } from '../../src/engine/playbook.js'
import type { Question } from '../../src/facts/fact.js'
import type { FileState } from '../../src/facts/file.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import type { Inventory } from '../../src/model/inventory.js'
import type { NginxBuild } from '../../src/model/nginx-build.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import type { RenderedFile } from '../../src/model/rendered-file.js'
import { Secret } from '../../src/model/secret.js'
import type { Certificate } from '../../src/model/tls.js'
import { sha256Of } from '../../src/operations/replacement.js'
import type { DeployIntent } from '../../src/release/deploy-plan.js'
import { manifestFile, manifestOf, ROOT as ROOT_OWNER } from '../../src/release/manifest.js'
import { BUILD_PER_DIALECT, OLDEST_BUILD } from '../../src/render/nginx/dialect.js'
import { releaseConf } from '../../src/render/nginx/files.js'
import { releasesOf } from '../../src/render/release.js'
import { SYSTEM_FILES } from '../../src/render/system-files.js'
import { ROOT } from '../architecture/source.js'

const CURRENT = '/var/lib/gw/current'
const CERTIFICATES: readonly Certificate[] = [
  { algorithm: 'rsa', chain: '(the certificate)\n', key: new Secret('(the key)\n') },
]
const NEW: NginxBuild = { version: '1.30.0', modules: [] }

const INTENT: DeployIntent = {
  run: '0a1b2c3d',
  leaseMs: 30_000,
  unprotected: false,
  release: null,
  drift: 'refuse',
  meta: {
    origin: 'deploy',
    createdAt: '2026-11-21T20:00:00.000Z',
    by: 'ann@laptop',
    commit: null,
    gw: '0.1.0',
    domain: 'api.example.org',
  },
}

let inventory: Inventory
let context: PlayContext
let playbook: SurveyedPlaybook

beforeAll(async () => {
  inventory = await loadInventory(`${ROOT}/inventory/production.yml`, {
    projectDir: ROOT,
    env: { HOME: '/home/ann' },
  })
  const [host] = inventory.hosts
  if (host === undefined || inventory.gateway === null) throw new Error('production is not complete')
  context = { inventory, host, hosts: inventory.hosts }
  playbook = deploy(inventory.gateway, CERTIFICATES, INTENT)
})

function rendered(nginx: NginxBuild): readonly RenderedFile[] {
  if (inventory.gateway === null) throw new Error('production has no gateway')
  return releasesOf(inventory.gateway, CERTIFICATES)(context.host.name)(nginx)
}

/** A host on which nothing of gw's is published. */
const BARE: ReleaseStore = {
  current: null,
  previous: null,
  releases: [],
  manifest: null,
  live: [],
  trial: null,
  reverted: null,
}

/** A host that serves these files as v1.2. */
function serving(files: readonly RenderedFile[]): ReleaseStore {
  const own = [...files, releaseConf('v1.2')].map((file) => manifestFile(file, ROOT_OWNER))
  const confirmed = { time: '2026-11-21T19:00:00Z', run: '11111111' }
  return {
    ...BARE,
    current: 'v1.2',
    releases: [{ name: 'v1.2', stagedAt: 1000, confirmed }],
    manifest: manifestOf('v1.2', INTENT.meta, own),
    live: own,
  }
}

function linkTo(target: string): FileState {
  const times = { changedAt: 1000, modifiedAt: 1000 }
  return { type: 'link', mode: '0777', owner: 'root', group: 'root', size: 1, ...times, target }
}

function textFile(content: string, mode: string): FileState {
  const times = { changedAt: 1000, modifiedAt: 1000 }
  const sha256 = sha256Of(content)
  return { type: 'file', mode, owner: 'root', group: 'root', size: 1, ...times, sha256, content: null }
}

/** Whatever is asked about besides is a folder that deploys make. */
const FOLDER = { ...linkTo(''), type: 'directory', mode: '0755' } as const

/** What a host says that has everything beside its release as it was deployed; its units run since 1500. */
class Host {
  readonly #store: ReleaseStore
  readonly #nginx: NginxBuild | null
  readonly #files: ReadonlyMap<string, FileState>

  constructor(store: ReleaseStore, nginx: NginxBuild | null) {
    this.#store = store
    this.#nginx = nginx
    this.#files = new Map([
      [CURRENT, linkTo('/var/lib/gw/releases/v1.2')],
      ['/etc/nginx/nginx.conf', linkTo(`${CURRENT}/nginx/nginx.conf`)],
      ['/etc/nginx/gw', linkTo(`${CURRENT}/nginx/gw`)],
      ['/etc/keepalived/keepalived.conf', linkTo(`${CURRENT}/keepalived/keepalived.conf`)],
      ...Object.values(SYSTEM_FILES).map(
        ({ path, content, mode }) => [path, textFile(content, mode)] as const,
      ),
      ...store.live.map(({ path }) => [`${CURRENT}/${path}`, textFile('old', '0644')] as const),
    ])
  }

  answers(questions: readonly Question<unknown>[]): GatheredAnswers {
    return new GatheredAnswers().with(
      new Map(questions.map((question) => [question.key, this.#say(question)])),
    )
  }

  #say({ fact, argument }: Question<unknown>): unknown {
    const unit = { load: 'loaded', active: 'active', sub: 'running', enabled: 'enabled', mainPid: 1 }
    const known: Readonly<Record<string, () => unknown>> = {
      'release-store': () => this.#store,
      'nginx-build': () => this.#nginx,
      drift: () => [],
      objects: () => [],
      package: () => ({ installed: true, held: false, version: '1', configured: true }),
      unit: () => ({ ...unit, needsDaemonReload: false, startedAt: 1500, changedAt: 1500, reloaded: true }),
      file: () => this.#files.get((argument as { path: string }).path) ?? FOLDER,
    }
    return known[fact.name]?.()
  }
}

/** What the playbook decides on a host, by its tasks' names, when hosts stand so. */
function planned(host: Host, others: readonly Host[] = []): Map<string, PlannedTask['decision']> {
  const questions = playbook.questions(context)
  const survey = new Map(
    [host, ...others].map((each, index) => [
      context.hosts[index]?.name ?? '',
      each.answers(questions),
    ]),
  )
  const { plays } = playbook.procedure(survey)
  const own = plays.map((play) => ({ play, tasks: play.tasks(context) }))
  const all = [
    ...questions,
    ...own.flatMap(({ tasks }) => tasks.flatMap(({ operation }) => operation.questions)),
  ]
  const tasks = planPlays(own, host.answers(all)).flatMap((play) => play.tasks)
  return new Map(tasks.map(({ task, decision }) => [task.name, decision]))
}

function sent(decision: PlannedTask['decision'] | undefined): string {
  return decision?.kind === 'change' ? Buffer.from(decision.input ?? []).toString() : ''
}

describe('the playbook deploy', () => {
  it('gives each host what its NGINX understands, and one that is not known what the oldest does', () => {
    expect(sent(planned(new Host(BARE, NEW)).get('Stage v1.0'))).toContain('http2 on;')
    for (const build of [OLDEST_BUILD, null]) {
      const staged = sent(planned(new Host(BARE, build)).get('Stage v1.0'))
      expect(staged).toContain('ssl http2')
      expect(staged).not.toContain('http2 on;')
    }
  })

  it.each(BUILD_PER_DIALECT)('has nothing to do where the files for NGINX $version are served', (build) => {
    const decisions = planned(new Host(serving(rendered(build)), build))
    expect([...decisions].filter(([, { kind }]) => kind !== 'ok')).toEqual([])
    expect([...decisions.keys()]).toContain('Publish v1.2')
  })

  it('makes a new release where NGINX became another one', () => {
    const decisions = planned(new Host(serving(rendered(OLDEST_BUILD)), NEW))
    expect(sent(decisions.get('Stage v1.3'))).toContain('http2 on;')
    expect(decisions.get('Publish v1.3')).toMatchObject({ kind: 'change' })
  })

  it('gives every host the same release when one of them needs another', () => {
    const [same, other] = [serving(rendered(NEW)), serving(rendered(OLDEST_BUILD))]
    const decisions = planned(new Host(same, NEW), [new Host(other, NEW)])
    expect(decisions.get('Stage v1.3')).toMatchObject({ kind: 'change' })
  })

  it('is stopped by a file that was edited by hand, before it writes anything', () => {
    const store = serving(rendered(NEW))
    const [first, ...rest] = store.live
    if (first === undefined) throw new Error('there are no files')
    const edited = { ...store, live: [{ ...first, sha256: 'f'.repeat(64) }, ...rest] }
    const decisions = [...planned(new Host(edited, NEW)).values()]
    const blocked = decisions.findIndex(({ kind }) => kind === 'blocked')
    expect(decisions[blocked]).toMatchObject({ kind: 'blocked', code: 'DRIFT_FOUND' })
    expect(decisions.slice(0, blocked).filter(({ kind }) => kind === 'change')).toEqual([])
  })

  it('asks a host about everything at once, in less than 8 KB', () => {
    const questions = playbook.questions(context)
    const survey = new Map([[context.host.name, new Host(serving(rendered(NEW)), NEW).answers(questions)]])
    const { plays } = playbook.procedure(survey)
    const asked = new Set(questions.map(({ key }) => key))
    const later = plays.flatMap((play) => play.tasks(context)).flatMap(({ operation }) => operation.questions)
    expect(later.filter(({ key }) => !asked.has(key))).toEqual([])
    expect(gzipSync(compileInquiries(groupByFact(questions))).length).toBeLessThan(8000)
  })

  it('shows no key in what it would change', () => {
    const decision = planned(new Host(BARE, NEW)).get('Stage v1.0')
    if (decision?.kind !== 'change') throw new Error('nothing to change')
    expect(JSON.stringify({ ...decision, input: undefined })).not.toContain('(the key)')
    expect(decision.secrets?.map((secret) => secret.reveal())).toEqual(['(the key)\n'])
  })
})
