import {
  questionsOf,
  task,
  type Play,
  type Procedure,
  type Survey,
  type SurveyedPlaybook,
  type Task,
} from '../engine/playbook.js'
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
import { startable } from './startable.js'
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

/** A name for the plays by which hosts are asked before a release is chosen; what they are asked does not depend on it. */
export const UNNAMED = 'v0.0'

/** What hosts are asked before one of the releases that lie on them is published: all that the play itself asks, too. */
export function publicationQuestions(settings: PublicationSettings): SurveyedPlaybook['questions'] {
  const draft = lyingPublication(settings, {}, () => UNNAMED)
  return (context) => [STORE, ...questionsOf([draft], context)]
}

/** What these plays do to hosts that stand so, as a procedure that ends with every host on `release`. */
export function procedureTo(
  release: string,
  stores: Publication['stores'],
  plays: readonly Play[],
): Procedure {
  return { plays, release, before: currentOf(stores), unconfirmed: unconfirmedOf(stores) }
}

/**
 * The play for releases that lie on the hosts, or are laid there by an earlier play, of which nothing else is known. What
 * was changed by hand is kept: nobody was asked about it, and it must not stand in the way of going back.
 */
export function lyingPublication(
  settings: PublicationSettings,
  stores: Publication['stores'],
  releaseOf: Publication['releaseOf'],
  before: (release: string) => readonly Task[] = () => [],
): TrialPlay {
  const filesOf = (host: string) => stores[host]?.live.map(({ path }) => path) ?? []
  const edits = handleDrift({ paths: STATE, store: STORE, mode: 'overwrite' })
  const keep = task('Put aside what was changed by hand', edits)
  return publicationPlay({ ...settings, stores, releaseOf, filesOf }, (release) => [...before(release), keep])
}

/** Refuses a release that could not start today, before a host is touched. */
export function checkStartable(release: string): Task {
  return task(`Make sure that ${release} can start`, startable({ release, paths: STATE, store: STORE }))
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
