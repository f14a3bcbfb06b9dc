import { questionsOf, task, type PlayContext, type Procedure, type Survey } from '../engine/playbook.js'
import { ask, type Question } from '../facts/fact.js'
import { lockState } from '../facts/lock-state.js'
import type { LockState } from '../model/lock.js'
import { STATE } from '../model/state-paths.js'
import { currentOf, keepEdits, publicationOf, publicationPlay, STORE, unconfirmedOf } from './publication.js'
import type { Publication, PublicationSettings } from './publication-settings.js'
import { startable } from './startable.js'

const LOCK = ask(lockState, { paths: STATE })

/** What hosts are asked before a run is settled that did not end. */
export function settleQuestions(
  settings: PublicationSettings,
): (context: PlayContext) => readonly Question<unknown>[] {
  const draft = publicationPlay(
    publicationOf(settings, {}, () => 'v0.0'),
    () => [keepEdits()],
  )
  return (context) => [STORE, LOCK, ...questionsOf([draft], context)]
}

/** Who has the locks of the hosts that answered, by their names. */
export function locksOf(survey: Survey): Readonly<Record<string, LockState | null>> {
  return Object.fromEntries([...survey].map(([host, answers]) => [host, answers.to(LOCK).lock]))
}

/** Publishes what each host is to have, where it has something else, and lets the locks go in any case. */
export function settling(
  settings: PublicationSettings,
  stores: Publication['stores'],
  targets: Readonly<Record<string, string>>,
): Omit<Procedure, 'release'> {
  const publication = publicationOf(settings, stores, (host) => targets[host] ?? null)
  const play = publicationPlay(publication, (release) => [
    task(`Make sure that ${release} can start`, startable({ release, paths: STATE, store: STORE })),
    keepEdits(),
  ])
  return { plays: [play], before: currentOf(stores), unconfirmed: unconfirmedOf(stores), settles: true }
}
