import type { GwError } from '../errors.js'
import { ask } from '../facts/fact.js'
import { manifestsOf } from '../facts/manifests.js'
import { releaseStore } from '../facts/release-store.js'
import { STATE } from '../model/state-paths.js'
import { listReleases, type HostReleases } from '../release/release-list.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways, type Gateways } from './gateways.js'
import { releasesText } from './releases-text.js'
import type { CommandResult } from './result.js'

/** The releases of a host. */
export const STORE = ask(releaseStore, { paths: STATE })

/** Lists the releases that lie on the gateways. */
export async function runReleasesCommand(
  selection: FleetSelection,
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(selection, context)
  const { hosts, errors } = await releasesOf(gateways)
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
): Promise<{ hosts: readonly HostReleases[]; errors: readonly GwError[] }> {
  const first = await gateways.ask(gateways.hosts, () => [STORE])
  const stores = new Map([...first.answers].map(([host, answers]) => [host, answers.to(STORE)]))
  const manifestsOn = (host: string) =>
    ask(manifestsOf, { paths: STATE, names: stores.get(host)?.releases.map(({ name }) => name) ?? [] })
  const having = gateways.hosts.filter(({ name }) => (stores.get(name)?.releases.length ?? 0) > 0)
  const second = await gateways.ask(having, ({ name }) => [manifestsOn(name)])
  const failed = new Set(second.errors.map(({ host }) => host))
  const hosts = [...stores]
    .filter(([host]) => !failed.has(host))
    .map(([host, store]) => ({
      host,
      store,
      manifests: second.answers.get(host)?.to(manifestsOn(host)) ?? {},
    }))
  return { hosts, errors: [...first.errors, ...second.errors] }
}
