import type { GwError } from '../errors.js'
import { ask } from '../facts/fact.js'
import { manifestsOf } from '../facts/manifests.js'
import { releaseCheck } from '../facts/release-check.js'
import { STATE } from '../model/state-paths.js'
import { STORE } from '../release/publication.js'
import { listReleases, type HostReleases } from '../release/release-list.js'
import { whyNotStartable } from '../release/startable.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways, type Gateways } from './gateways.js'
import { releasesText } from './releases-text.js'
import type { CommandResult } from './result.js'

/** Lists the releases that lie on the gateways; with `verify`, each is tried there as a rollback would. */
export async function runReleasesCommand(
  selection: FleetSelection & { readonly verify: boolean },
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(selection, context)
  const { hosts, errors } = await releasesOf(gateways, selection.verify)
  const releases = listReleases(hosts)
  return {
    ...askedResult(gateways, errors, context),
    text: hosts.length === 0 ? '' : releasesText(releases, hosts, context.terminal.paintOut),
    data: { releases },
  }
}

/** Which releases there are must be known before their manifests can be asked for: a second round trip. */
async function releasesOf(
  gateways: Gateways,
  verify: boolean,
): Promise<{ hosts: readonly HostReleases[]; errors: readonly GwError[] }> {
  const first = await gateways.ask(gateways.hosts, () => [STORE])
  const stores = new Map([...first.answers].map(([host, answers]) => [host, answers.to(STORE)]))
  const namesOn = (host: string) => stores.get(host)?.releases.map(({ name }) => name) ?? []
  const manifestsOn = (host: string) => ask(manifestsOf, { paths: STATE, names: namesOn(host) })
  const trial = (release: string) => ask(releaseCheck, { paths: STATE, release })
  const having = gateways.hosts.filter(({ name }) => namesOn(name).length > 0)
  const second = await gateways.ask(having, ({ name }) => [
    manifestsOn(name),
    ...(verify ? namesOn(name).map(trial) : []),
  ])
  const failed = new Set(second.errors.map(({ host }) => host))
  const now = new Date()
  const hosts = [...stores]
    .filter(([host]) => !failed.has(host))
    .map(([host, store]) => {
      const answers = second.answers.get(host)
      const obstacles = (verify ? namesOn(host) : []).flatMap((name): [string, string[]][] =>
        answers === undefined ? [] : [[name, whyNotStartable(name, answers.to(trial(name)), now)]],
      )
      const manifests = answers?.to(manifestsOn(host)) ?? {}
      return { host, store, manifests, obstacles: Object.fromEntries(obstacles) }
    })
  return { hosts, errors: [...first.errors, ...second.errors] }
}
