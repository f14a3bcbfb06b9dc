import { describe, expect, it } from 'vitest'
import { whyUnfit, type Condition } from '../../src/release/fitness.js'
import { fitness, RUNNING } from './fake-trial-host.js'

const FOLDERS = ['/var/lib/gw', '/var/log']
const DEMANDS = { releases: ['v1.2', 'v1.1'], folders: FOLDERS }

function conditionWith(changes: Partial<Condition>): Condition {
  return {
    nginx: RUNNING,
    keepalived: RUNNING,
    fitness: fitness('v1.1'),
    served: { release: 'v1.1' },
    clockSkew: 0,
    ...changes,
  }
}

function room(changes: object): Condition['fitness'] {
  const folders = fitness('v1.1').folders.map((folder) =>
    folder.path === '/var/log' ? { ...folder, ...changes } : folder,
  )
  return fitness('v1.1', { folders })
}

describe('a gateway is fit to carry the address', () => {
  it.each<[string, Partial<Condition>]>([
    ['when all is well', {}],
    ['while NGINX reloads', { nginx: { ...RUNNING, active: 'reloading' } }],
    ['with the release that is being published', { fitness: fitness('v1.2'), served: { release: 'v1.2' } }],
    ['with a clock five seconds off', { clockSkew: -5 }],
    ['without a prober', { fitness: fitness('v1.1', { livenessState: null }) }],
    ['on a file system that counts no inodes', { fitness: room({ freeInodes: null }) }],
  ])('%s', (_title, changes) => {
    expect(whyUnfit(conditionWith(changes), DEMANDS)).toEqual([])
  })

  it('with any release, where none is demanded', () => {
    const other = conditionWith({ fitness: fitness('v0.9'), served: { release: 'v0.9' } })
    expect(whyUnfit(other, { ...DEMANDS, releases: null })).toEqual([])
  })
})

describe('a gateway is unfit', () => {
  it.each<[why: string, changes: Partial<Condition>]>([
    ['nginx.service is failed', { nginx: { ...RUNNING, active: 'failed' } }],
    ['keepalived.service is inactive', { keepalived: { ...RUNNING, active: 'inactive' } }],
    ['systemd does not run, nor nginx.service', { nginx: null }],
    [
      'to keepalived its NGINX does not serve (/run/gw/nginx.state)',
      { fitness: fitness('v1.1', { nginxState: '1' }) },
    ],
    [
      'to keepalived its NGINX does not serve (/run/gw/nginx.state)',
      { fitness: fitness('v1.1', { nginxState: null }) },
    ],
    ['its NGINX hangs (/run/gw/liveness.state)', { fitness: fitness('v1.1', { livenessState: '1' }) }],
    ['its NGINX hangs (/run/gw/liveness.state)', { fitness: fitness('v1.1', { livenessState: '' }) }],
    ['its network interface is down', { fitness: fitness('v1.1', { linkUp: false }) }],
    ['/health was answered with status 503', { served: { instead: '/health was answered with status 503' } }],
    ['it serves v1.1, though v1.2 is published there', { fitness: fitness('v1.2') }],
    ['it serves v1.1, though no release is published there', { fitness: fitness('v1.1', { release: null }) }],
    ['it serves v1.0, not v1.2 or v1.1', { fitness: fitness('v1.0'), served: { release: 'v1.0' } }],
    ['its clock is 7 s ahead', { clockSkew: 6.6 }],
    ['its clock is 3600 s behind', { clockSkew: -3600 }],
    ['it has no /var/log', { fitness: fitness('v1.1', { folders: fitness('v1.1').folders.slice(0, 1) }) }],
    ['/var/log cannot be written to', { fitness: room({ writable: false }) }],
    ['/var/log has 49 MB free, and 50 are needed', { fitness: room({ freeBytes: 50 * 1024 * 1024 - 1 }) }],
    ['/var/log has 0 inodes free, and 1000 are needed', { fitness: room({ freeInodes: 0 }) }],
  ])('%s', (why, changes) => {
    expect(whyUnfit(conditionWith(changes), DEMANDS)).toEqual([why])
  })

  it('for every reason that there is', () => {
    const reasons = whyUnfit(
      conditionWith({ nginx: null, clockSkew: 100, fitness: fitness('v1.1', { linkUp: false }) }),
      DEMANDS,
    )
    expect(reasons).toHaveLength(3)
  })

  it('in words that are safe to show, whatever the host said', () => {
    const hostile = '\u001b[2Jactive\u202e'
    const reasons = whyUnfit(
      conditionWith({
        nginx: { ...RUNNING, active: hostile },
        fitness: fitness('v1.1', { release: hostile }),
      }),
      DEMANDS,
    )
    expect(reasons).toHaveLength(2)
    expect(reasons.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})
