import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { deploy } from '../../playbooks/deploy.js'
import { compileInquiries, groupByFact } from '../../src/engine/gather.js'
import type { PlannedTask } from '../../src/engine/plan.js'
import type { PlayContext, SurveyedPlaybook } from '../../src/engine/playbook.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { NginxBuild } from '../../src/model/nginx-build.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import type { RenderedFile } from '../../src/model/rendered-file.js'
import { Secret } from '../../src/model/secret.js'
import type { Certificate } from '../../src/model/tls.js'
import type { DeployIntent } from '../../src/release/deploy-plan.js'
import { manifestFile, manifestOf, ROOT as ROOT_OWNER } from '../../src/release/manifest.js'
import { BUILD_PER_DIALECT, OLDEST_BUILD } from '../../src/render/nginx/dialect.js'
import { releaseConf } from '../../src/render/nginx/files.js'
import { releasesOf } from '../../src/render/release.js'
import { EMPTY_STORE } from '../release/store-text.js'
import { GatewayHost, planned, production } from './gateway-host.js'

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

let gateway: Gateway
let context: PlayContext
let playbook: SurveyedPlaybook

beforeAll(async () => {
  ;({ gateway, context } = await production())
  playbook = deploy(gateway, CERTIFICATES, INTENT)
})

function rendered(nginx: NginxBuild): readonly RenderedFile[] {
  return releasesOf(gateway, CERTIFICATES)(context.host.name)(nginx)
}

/** A host that serves these files as v1.2. */
function serving(files: readonly RenderedFile[]): ReleaseStore {
  const own = [...files, releaseConf('v1.2')].map((file) => manifestFile(file, ROOT_OWNER))
  const confirmed = { time: '2026-11-21T19:00:00Z', run: '11111111' }
  return {
    ...EMPTY_STORE,
    current: 'v1.2',
    releases: [{ name: 'v1.2', stagedAt: 1000, confirmed }],
    manifest: manifestOf('v1.2', INTENT.meta, own),
    live: own,
  }
}

function decide(store: ReleaseStore, nginx: NginxBuild | null, others: readonly GatewayHost[] = []) {
  return planned(playbook, context, [new GatewayHost({ store, nginx }), ...others]).decisions
}

function sent(decision: PlannedTask['decision'] | undefined): string {
  return decision?.kind === 'change' ? Buffer.from(decision.input ?? []).toString() : ''
}

describe('the playbook deploy', () => {
  it('gives each host what its NGINX understands, and one that is not known what the oldest does', () => {
    expect(sent(decide(EMPTY_STORE, NEW).get('Stage v1.0'))).toContain('http2 on;')
    for (const build of [OLDEST_BUILD, null]) {
      const staged = sent(decide(EMPTY_STORE, build).get('Stage v1.0'))
      expect(staged).toContain('ssl http2')
      expect(staged).not.toContain('http2 on;')
    }
  })

  it.each(BUILD_PER_DIALECT)('has nothing to do where the files for NGINX $version are served', (build) => {
    const decisions = decide(serving(rendered(build)), build)
    expect([...decisions].filter(([, { kind }]) => kind !== 'ok')).toEqual([])
    expect([...decisions.keys()]).toContain('Publish v1.2')
  })

  it('makes a new release where NGINX became another one', () => {
    const decisions = decide(serving(rendered(OLDEST_BUILD)), NEW)
    expect(sent(decisions.get('Stage v1.3'))).toContain('http2 on;')
    expect(decisions.get('Publish v1.3')).toMatchObject({ kind: 'change' })
  })

  it('gives every host the same release when one of them needs another', () => {
    const [same, other] = [serving(rendered(NEW)), serving(rendered(OLDEST_BUILD))]
    const decisions = decide(same, NEW, [new GatewayHost({ store: other, nginx: NEW })])
    expect(decisions.get('Stage v1.3')).toMatchObject({ kind: 'change' })
  })

  it('is stopped by a file that was edited by hand, before it writes anything', () => {
    const store = serving(rendered(NEW))
    const [first, ...rest] = store.live
    if (first === undefined) throw new Error('there are no files')
    const edited = { ...store, live: [{ ...first, sha256: 'f'.repeat(64) }, ...rest] }
    const decisions = [...decide(edited, NEW).values()]
    const blocked = decisions.findIndex(({ kind }) => kind === 'blocked')
    expect(decisions[blocked]).toMatchObject({ kind: 'blocked', code: 'DRIFT_FOUND' })
    expect(decisions.slice(0, blocked).filter(({ kind }) => kind === 'change')).toEqual([])
  })

  it('asks a host about everything at once, in less than 8 KB', () => {
    const host = new GatewayHost({ store: serving(rendered(NEW)), nginx: NEW })
    expect(planned(playbook, context, [host]).unforeseen).toEqual([])
    const questions = groupByFact(playbook.questions(context))
    expect(gzipSync(compileInquiries(questions)).length).toBeLessThan(8000)
  })

  it('shows no key in what it would change', () => {
    const decision = decide(EMPTY_STORE, NEW).get('Stage v1.0')
    if (decision?.kind !== 'change') throw new Error('nothing to change')
    expect(JSON.stringify({ ...decision, input: undefined })).not.toContain('(the key)')
    expect(decision.secrets?.map((secret) => secret.reveal())).toEqual(['(the key)\n'])
  })
})
