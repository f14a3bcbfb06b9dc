import type { Trial } from '../engine/trial.js'
import type { ReleaseStore } from '../model/release-store.js'
import { STATE } from '../model/state-paths.js'
import { lines, type Script } from '../shell/script.js'
import { confirmableScript, confirmScript, revertNowScript } from './confirm.js'
import { guardPeers } from './guard-peers.js'
import { mendScript } from './mend.js'
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
      return guardPeers(host, peers, { run, gateway, releases: releasesAround(publication, host.host.name) })
    },
    prove: (host, peers) => proveServed(host, peers, { gateway, release: nameFor(host.host.name) }),
    ready: ({ name: host }) => confirmableScript({ name: nameFor(host), run, paths: STATE }),
    confirm: ({ name: host }) => {
      const name = nameFor(host)
      return confirmScript({ name, run, paths: STATE, removal: tidying(stores[host], name) })
    },
    revert: () => revertNowScript({ run, paths: STATE }),
  }
}

/** What is done when a release stays: the one before is made whole again, and what nobody needs any more goes. */
function tidying(store: ReleaseStore | undefined, name: string): Script {
  if (store === undefined) return removalScript(STATE, [])
  const mend = store.current === name ? [] : [mendScript(STATE, store)]
  return lines([...mend, removalScript(STATE, toRemove(store, name))])
}

/** The releases that a peer may serve while a host changes: the one that is published, and the one before it. */
function releasesAround({ stores, releaseOf }: Publication, host: string): string[] {
  return [releaseOf(host), stores[host]?.current ?? null].filter((name) => name !== null)
}
