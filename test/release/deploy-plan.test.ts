import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareReleases } from '../../src/model/release.js'
import {
  planDeploy,
  releasesBefore,
  type DeployIntent,
  type DeployPlan,
  type Standing,
} from '../../src/release/deploy-plan.js'
import { manifestOf } from '../../src/release/manifest.js'
import { anyStores, storeOf } from './store-text.js'

type Intent = Pick<DeployIntent, 'release' | 'drift'>

const NEXT: Intent = { release: null, drift: 'refuse' }

const META = { origin: 'deploy', by: 'ann@laptop', commit: null, gw: '1.0.0', domain: 'example.com' } as const
const TRIAL = { run: '0a1b2c3d', release: 'v1.2', before: 'v1.1' }

/** What a host has, ` on trial` or ` made` at some time after it; `=` before it when those are the wanted files, `!` when they were edited by hand. */
function standing(text: string): Standing {
  const [words = '', made] = text.replace(/^[=!]+/, '').split(' made ')
  const manifest = made === undefined ? null : manifestOf('v1.1', { ...META, createdAt: made }, [])
  const store = storeOf(words.replace(' on trial', ''), {
    manifest,
    trial: words.endsWith(' on trial') ? TRIAL : null,
  })
  return { store, isWanted: /^!?=/.test(text), isEdited: text.startsWith('!') }
}

const standings = (texts: readonly string[]): Record<string, Standing> =>
  Object.fromEntries(texts.map((text, index) => [`gw-${index + 1}`, standing(text)]))

type Planned = Pick<DeployPlan, 'release' | 'required' | 'adopted'>

const made = (release: string, adopted: string | null = null): Planned => ({
  release,
  required: true,
  adopted,
})
const kept = (release: string): Planned => ({ release, required: false, adopted: null })

const PLANS: Record<string, readonly [hosts: readonly string[], Planned, Partial<Intent>?]> = {
  'the first release on bare hosts': [['', ''], made('v1.0')],
  'the one that all have when it is what is wanted': [['=v1.0 >v1.1', '=v1.0 >v1.1'], kept('v1.1')],
  'a new one when one host needs other files': [['=>v1.1', '>v1.1'], made('v1.2')],
  'a new one when hosts have different ones': [['=v1.0 >v1.1', '=>v1.0 v1.1'], made('v1.2')],
  'a new one when hosts have different ones of the same name': [
    ['=>v1.1 made 2026-11-21', '=>v1.1 made 2026-11-22'],
    made('v1.2'),
  ],
  'a new one when what is wanted is only on trial': [['=v1.1 >v1.2? on trial'], made('v1.3')],
  'the name of what is only on trial': [['=v1.1 >v1.2? on trial'], made('v1.2'), { release: 'v1.2' }],
  'a new one when a host has none': [['=>v1.0', ''], made('v1.1')],
  'a new one after what lies on any host, served or not': [['>v1.9', '>v1.9 v1.10?'], made('v1.11')],
  'a new one after the highest, not after the current': [['>v1.0 v2.3', '>v1.0'], made('v2.4')],
  'the name that was asked for': [['>v1.1', '>v1.1'], made('v3.0'), { release: 'v3.0' }],
  'the name that was asked for when all have it as it is wanted': [
    ['=>v1.1', '=>v1.1'],
    kept('v1.1'),
    { release: 'v1.1' },
  ],
  'another name for the same files when one was asked for': [
    ['=>v1.1', '=>v1.1'],
    made('v2.0'),
    { release: 'v2.0' },
  ],
  'a name that was staged but never served': [['>v1.1 v1.2?', '>v1.1'], made('v1.2'), { release: 'v1.2' }],
  'a new one where files were edited': [['=>v1.1', '!=>v1.1'], made('v1.2'), { drift: 'overwrite' }],
  'one for what was edited, then its own': [['=>v1.1', '!=>v1.1'], made('v1.3', 'v1.2'), { drift: 'adopt' }],
  'nothing to adopt where nothing was edited': [['>v1.1', '>v1.1'], made('v1.2'), { drift: 'adopt' }],
  'one for what was edited beside the name that was asked for': [
    ['!>v1.1'],
    made('v1.2', 'v1.3'),
    { release: 'v1.2', drift: 'adopt' },
  ],
}

describe('a deploy', () => {
  it.each(Object.entries(PLANS))('makes %s', (_title, [texts, plan, more = {}]) => {
    expect(planDeploy(standings(texts), { ...NEXT, ...more })).toMatchObject(plan)
  })

  it.each([
    ['the current one of a host', ['>v1.1', 'v1.0 >v1.2'], 'v1.1', 'gw-1'],
    ['the previous one of a host', ['<v1.1? >v1.2', '>v1.2'], 'v1.1', 'gw-1'],
    ['one that was confirmed', ['v1.0 >v1.2', 'v1.0 >v1.2'], 'v1.0', 'gw-1, gw-2'],
  ])('refuses as its name %s', (_title, texts, release, hosts) => {
    expect(() => planDeploy(standings(texts), { ...NEXT, release })).toThrow(
      expect.objectContaining({
        code: 'RELEASE_EXISTS',
        exitCode: 2,
        message: expect.stringContaining(`${release} already, on ${hosts},`) as string,
        nextSteps: expect.arrayContaining([
          'Leave --release out for v1.3, or give another name.',
        ]) as string[],
      }),
    )
  })

  it('never takes a name that any host knows, and names what it adopts before what it makes', () => {
    const flags = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 3, maxLength: 3 })
    const drift = fc.constantFrom('refuse' as const, 'adopt' as const, 'overwrite' as const)
    fc.assert(
      fc.property(anyStores, flags, drift, (stores, marks, policy) => {
        const hosts = Object.entries(stores).map(([host, store], index): [string, Standing] => {
          const [isWanted = false, isEdited = false] = marks[index] ?? []
          return [host, { store, isWanted, isEdited }]
        })
        const { release, required, adopted } = planDeploy(Object.fromEntries(hosts), {
          ...NEXT,
          drift: policy,
        })
        const taken = hosts.flatMap(([, { store }]) => store.releases.map(({ name }) => name))
        if (required) {
          const names = adopted === null ? [release] : [adopted, release]
          expect([...taken, ...names].toSorted(compareReleases).slice(-names.length)).toEqual(names)
          expect(taken).not.toEqual(expect.arrayContaining(names))
        } else {
          expect(
            hosts.every(
              ([, { store, isWanted, isEdited }]) => store.current === release && isWanted && !isEdited,
            ),
          ).toBe(true)
        }
      }),
    )
  })
})

describe('what a deploy is undone to', () => {
  it('is what was live: what each host had, or what was adopted of it', () => {
    const before = (drift: DeployIntent['drift']) =>
      releasesBefore(planDeploy(standings(['!>v1.1', '=v1.1 >v1.2? on trial', '']), { release: null, drift }))
    expect(before('overwrite')).toEqual({ 'gw-1': 'v1.1', 'gw-2': 'v1.1', 'gw-3': null })
    expect(before('adopt')).toEqual({ 'gw-1': 'v1.3', 'gw-2': 'v1.3', 'gw-3': null })
  })
})
