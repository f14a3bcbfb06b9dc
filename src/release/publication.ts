import { task, type Survey, type Task } from '../engine/playbook.js'
import type { TrialPlay } from '../engine/trial.js'
import { addressHeld } from '../facts/address.js'
import { ask, type Question } from '../facts/fact.js'
import { releaseStore } from '../facts/release-store.js'
import type { Gateway } from '../model/gateway.js'
import { settledRelease, type ReleaseStore } from '../model/release-store.js'
import { STATE } from '../model/state-paths.js'
import { link } from '../operations/link.js'
import { unit } from '../operations/unit.js'
import { SYSTEM_FILES } from '../render/system-files.js'
import { handOver } from './hand-over.js'
import { handleDrift } from './handle-drift.js'
import { LINKS } from './links.js'
import { keepOriginal } from './original.js'
import type { Publication, PublicationSettings } from './publication-settings.js'
import { publishRelease } from './publish.js'
import { releaseTrial } from './trial.js'

/** What a host is asked about its releases. */
export const STORE: Question<ReleaseStore> = ask(releaseStore, { paths: STATE })

/** The releases of the hosts that answered, by their names. */
export function storesOf(survey: Survey): Readonly<Record<string, ReleaseStore>> {
  return Object.fromEntries([...survey].map(([host, answers]) => [host, answers.to(STORE)]))
}

/** The release that each host has now, leaving out what is on trial; null for none of gw's. */
export function currentOf(stores: Readonly<Record<string, ReleaseStore>>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(stores).map(([host, store]) => [host, settledRelease(store)]))
}

/** The release that a host has on trial, for a run that has not ended, by the host's name. */
export function unconfirmedOf(stores: Readonly<Record<string, ReleaseStore>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stores).flatMap(([host, { trial }]) => (trial === null ? [] : [[host, trial.release]])),
  )
}

/** A publication of releases of which nothing is known but what lies on the hosts. */
export function publicationOf(
  settings: PublicationSettings,
  stores: Publication['stores'],
  releaseOf: Publication['releaseOf'],
): Publication {
  const filesOf = (host: string) => stores[host]?.live.map(({ path }) => path) ?? []
  return { ...settings, stores, releaseOf, filesOf }
}

/** Keeps what was changed by hand, where nobody was asked about it: nothing may stand in the way of going back. */
export function keepEdits(): Task {
  const edits = handleDrift({ paths: STATE, store: STORE, mode: 'overwrite' })
  return task('Put aside what was changed by hand', edits)
}

/**
 * Publishes releases that lie ready on the hosts: one host at a time, the holder of the virtual IP last, each watched over
 * until all are proved.
 */
export function publicationPlay(
  publication: Publication,
  before: (release: string) => readonly Task[] = () => [],
): TrialPlay {
  const { gateway, run, leaseMs, releaseOf, filesOf } = publication
  return {
    name: 'Publish',
    hosts: gateway.group,
    serial: 1,
    last: () => ask(addressHeld, { address: gateway.virtualIp.address }),
    trial: releaseTrial(publication),
    tasks: ({ host }) => {
      const name = releaseOf(host.name)
      if (name === null) return []
      const leaseSeconds = Math.ceil(leaseMs / 1000)
      return [
        ...before(name),
        task('Keep what was there before gw', keepOriginal({ paths: STATE, links: Object.values(LINKS) })),
        task('Lead NGINX to its configuration', link(LINKS.nginx)),
        task("Lead NGINX to its configuration's parts", link(LINKS.nginxParts)),
        task('Lead keepalived to its configuration', link(LINKS.keepalived)),
        task(`Publish ${name}`, publishRelease({ name, run, leaseSeconds, paths: STATE, store: STORE })),
        ...services(gateway, filesOf(host.name)),
      ]
    },
  }
}

/**
 * NGINX and keepalived run, and have read the newest version of their files, those of no release included; `files` are
 * those of the current one. What is published here is loaded by the task that publishes.
 */
function services({ virtualIp }: Gateway, files: readonly string[]): Task[] {
  const below = (folder: string) =>
    files.filter((path) => path.startsWith(folder)).map((path) => `${STATE.current}/${path}`)
  return [
    task(
      'Run NGINX',
      unit({
        name: 'nginx.service',
        enabled: true,
        running: true,
        reloadOn: [LINKS.nginx.path, LINKS.nginxParts.path],
        reloadOnTree: below('nginx/'),
        restartOn: [SYSTEM_FILES.nginxUnit.path],
        beforeRestart: handOver(virtualIp.address),
      }),
    ),
    task(
      'Run keepalived',
      unit({
        name: 'keepalived.service',
        enabled: true,
        running: true,
        reloadOn: [LINKS.keepalived.path, SYSTEM_FILES.keepalivedUnit.path],
        reloadOnTree: below('keepalived/'),
      }),
    ),
  ]
}
