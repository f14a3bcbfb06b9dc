import { GwError } from '../errors.js'
import { ask, type Answers } from '../facts/fact.js'
import { fileState, type FileQuestion } from '../facts/file.js'
import { manifestsOf } from '../facts/manifests.js'
import { nearest } from '../inventory/nearest.js'
import type { ManifestFile } from '../model/release.js'
import { STATE } from '../model/state-paths.js'
import { changedFiles, type FileChange } from '../release/release-diff.js'
import { releaseConf } from '../render/nginx/files.js'
import { unifiedDiff } from '../ui/diff.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways, type Asked } from './gateways.js'
import { diffText, sharedChanges, type ShownChange } from './releases-diff-text.js'
import { STORE } from '../release/publication.js'
import type { CommandResult } from './result.js'

export interface ReleasesDiffRequest extends FleetSelection {
  /** Names of releases, checked. */
  readonly from: string
  readonly to: string
}

/** Shows what differs between two releases of the gateways. */
export async function runReleasesDiffCommand(
  request: ReleasesDiffRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const { from, to } = request
  const gateways = await loadGateways(request, context)
  const manifests = ask(manifestsOf, { paths: STATE, names: [...new Set([from, to])] })
  const first = await gateways.ask(gateways.hosts, () => [STORE, manifests])
  refuseUnknown(request, first, gateways.fleet.typed)
  // It holds the release's name and nothing else, and so always differs.
  const notShown = [releaseConf(from).path]
  const changes = new Map<string, readonly FileChange[]>()
  for (const [host, answers] of first.answers) {
    const { [from]: before = null, [to]: after = null } = answers.to(manifests)
    if (before !== null && after !== null) changes.set(host, changedFiles(before, after, notShown))
  }
  const differing = gateways.hosts.filter(({ name }) => (changes.get(name) ?? []).length > 0)
  const questionsFor = (host: string) =>
    (changes.get(host) ?? []).flatMap((change) => contentsOf(change, request))
  const second = await gateways.ask(differing, ({ name }) => questionsFor(name))
  const shared = sharedChanges(
    [...second.answers].map(([host, answers]) => ({
      host,
      changes: (changes.get(host) ?? []).map((change) => shownChange(change, request, answers)),
    })),
  )
  const same = [...changes].filter(([, files]) => files.length === 0).map(([host]) => host)
  return {
    ...askedResult(gateways, [...first.errors, ...second.errors], context),
    text: diffText(shared, same, context.terminal.paintOut),
    warnings: [...first.answers.keys()]
      .filter((host) => !changes.has(host))
      .map((host) => `${host} does not have both ${from} and ${to} with manifests that can be read`),
    data: { diff: { from, to, files: shared } },
  }
}

/** A release that no host has is a word that was misspelt, unless some host could not be asked. */
function refuseUnknown({ from, to }: ReleasesDiffRequest, { answers, errors }: Asked, typed: string): void {
  if (errors.length > 0) return
  const stores = [...answers.values()].map((answer) => answer.to(STORE))
  const known = [...new Set(stores.flatMap(({ releases }) => releases.map(({ name }) => name)))]
  const unknown = [from, to].find((name) => !known.includes(name))
  if (unknown === undefined) return
  const near = nearest(unknown, known)
  const meant = near === null ? '' : `; did you mean ${near}?`
  throw new GwError('RELEASE_UNKNOWN', `no gateway has the release ${unknown}${meant}`, {
    nextSteps: [`gw releases ${typed} lists those that there are.`],
  })
}

/** The file as it lies in each of the two releases; nothing is asked about a secret, or where only the mode differs. */
function contentsOf(change: FileChange, { from, to }: ReleasesDiffRequest) {
  if (change.secret || change.kind === 'ownership') return []
  const { path, before, after } = change
  return [questionAbout(from, path, before, after), questionAbout(to, path, after, before)].filter(
    (question) => question !== null,
  )
}

/** A content travels only when it has not the sum of the other release's. */
function questionAbout(release: string, path: string, own: ManifestFile | null, other: ManifestFile | null) {
  if (own === null) return null
  const question: FileQuestion = {
    path: `${STATE.releases}/${release}/${path}`,
    expectSha256: other === null ? [] : [other.sha256],
  }
  return ask(fileState, question)
}

function shownChange(change: FileChange, { from, to }: ReleasesDiffRequest, answers: Answers): ShownChange {
  const { path, kind, secret, ownership, before, after } = change
  const shown = { path, change: kind, secret, ownership }
  if (secret || kind === 'ownership') return { ...shown, diff: null }
  const [old, wanted] = [
    contentOf(questionAbout(from, path, before, after), answers),
    contentOf(questionAbout(to, path, after, before), answers),
  ]
  // Without one of the texts a diff would claim that the whole file is new, or gone.
  if ((before !== null && old === null) || (after !== null && wanted === null))
    return { ...shown, diff: null }
  return { ...shown, diff: unifiedDiff({ path, before: old, after: wanted }) }
}

function contentOf(question: ReturnType<typeof questionAbout>, answers: Answers): string | null {
  const state = question === null ? null : answers.to(question)
  return state?.type === 'file' ? state.content : null
}
