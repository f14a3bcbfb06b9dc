import { X509Certificate } from 'node:crypto'
import { type Question, ask } from '../facts/fact.js'
import { releaseCheck, type ReleaseCheck, type Trying } from '../facts/release-check.js'
import { settledRelease, type ReleaseStore } from '../model/release-store.js'
import type { StatePaths } from '../model/state-paths.js'
import type { Operation } from '../operations/operation.js'
import { cleanLine } from '../shell/clean.js'
import { driftOf } from './drift.js'

interface StartableArguments {
  /** Matches RELEASE_NAME. */
  readonly release: string
  readonly paths: StatePaths
  readonly store: Question<ReleaseStore>
  /** By which certificates are judged; the time of the call unless said. */
  readonly now?: Date
}

/** A release that lies on the host and could be started there today; it changes nothing, and blocks one that could not. */
export function startable({ release, paths, store, now = new Date() }: StartableArguments): Operation {
  const question = ask(releaseCheck, { paths, release })
  return {
    subject: `${paths.releases}/${release}, tried`,
    questions: [store, question],
    decide(answers) {
      const reasons = whyNotStartable(release, answers.to(question), now)
      if (reasons.length === 0) return { kind: 'ok', reason: `${release} is whole, and its programs take it` }
      const others = othersToTake(answers.to(store), release)
      return {
        kind: 'blocked',
        code: 'RELEASE_NOT_STARTABLE',
        reason: `${release} cannot be started here: ${reasons.join('; ')}`,
        nextSteps: [
          ...(others.length === 0
            ? []
            : [`Confirmed on this host, the newest first: ${others.join(', ')}; gw rollback ENV --to NAME`]),
          'gw releases ENV --verify tells which of them could be started everywhere.',
        ],
      }
    },
  }
}

/** The releases that a rollback could take instead, the newest first. */
function othersToTake(store: ReleaseStore, release: string): string[] {
  const current = settledRelease(store)
  return store.releases
    .filter(({ name, confirmed }) => confirmed !== null && name !== release && name !== current)
    .map(({ name }) => name)
    .toReversed()
}

/**
 * Everything that keeps a release from being started on the host that it lies on, in words; empty when it can be. `now` is
 * the time by which its certificates are judged.
 */
export function whyNotStartable(release: string, check: ReleaseCheck, now: Date): string[] {
  const { manifest, files, nginx, keepalived, missingModules, certificates } = check
  if (manifest === null && files.length === 0) return [`there is no release ${release} on the host`]
  return [
    ...driftOf({ current: release, manifest, live: files }).map(({ path, detail }) => `${path} ${detail}`),
    ...missingModules.map((path) => `its nginx.conf loads ${path}, which is not there`),
    ...certificates.flatMap(({ path, pem }) => whyNotValid(path, pem, now)),
    // NGINX only warns of things that break a gateway.
    ...(nginx.status === 0 && nginx.output === '' ? [] : [refused('nginx -t', nginx)]),
    ...(keepalived.status === 0 ? [] : [refused('keepalived -t', keepalived)]),
  ].map(cleanLine)
}

function refused(command: string, { status, output }: Trying): string {
  const said = output.split('\n').filter((line) => line.trim() !== '')
  return `${command} does not pass it (status ${status})${said.length === 0 ? '' : `: ${said.join('; ')}`}`
}

function whyNotValid(path: string, pem: string, now: Date): string[] {
  const chain = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (chain.length === 0) return [`${path} holds no certificate`]
  return chain.flatMap((text) => {
    try {
      const { subject, validFrom, validTo } = new X509Certificate(text)
      const name = subject.replaceAll('\n', ', ')
      if (new Date(validTo) <= now) return [`${path}: the certificate of ${name} expired on ${validTo}`]
      return new Date(validFrom) > now
        ? [`${path}: the certificate of ${name} is not valid before ${validFrom}`]
        : []
    } catch {
      return [`${path} holds a certificate that cannot be read`]
    }
  })
}
