import type { Trial } from '../engine/trial.js'
import { STATE } from '../model/state-paths.js'
import { confirmScript, revertNowScript } from './confirm.js'
import { guardPeers } from './guard-peers.js'
import type { Publication } from './publication-settings.js'
import { removalScript, toRemove } from './retention.js'
import { proveServed } from './served.js'

/** How the publishing of releases is watched over. */
export function releaseTrial(publication: Publication): Trial {
  const { gateway, run, stores, unprotected, releaseOf } = publication
  const nameFor = (host: string): string => {
    const name = releaseOf(host)
    if (name === null) throw new Error(`there is no release for ${host}, which was left alone`)
    return name
  }
  return {
    subject: STATE.current,
    guard: async (host, peers) => {
      if (unprotected) return 'not asked for'
      return guardPeers(host, peers, { gateway, releases: releasesAround(publication, host.host.name) })
    },
    prove: (host, peers) => proveServed(host, peers, { gateway, release: nameFor(host.host.name) }),
    confirm: ({ name: host }) => {
      const name = nameFor(host)
      const store = stores[host]
      const names = store === undefined ? [] : toRemove(store, name)
      return confirmScript({ name, run, paths: STATE, removal: removalScript(STATE, names) })
    },
    revert: () => revertNowScript({ run, paths: STATE }),
  }
}

/** The releases that a peer may serve while a host changes: the one that is published, and the one before it. */
function releasesAround({ stores, releaseOf }: Publication, host: string): string[] {
  return [releaseOf(host), stores[host]?.current ?? null].filter((name) => name !== null)
}
