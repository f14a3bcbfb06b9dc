import type { LoadedCertificates } from '../certificate/loaded.js'
import { throwawayCertificate } from '../certificate/throwaway.js'
import { EXIT, GwError } from '../errors.js'
import type { Gateway } from '../model/gateway.js'
import type { Host } from '../model/host.js'
import type { NginxBuild } from '../model/nginx-build.js'
import type { RenderedFile } from '../model/rendered-file.js'
import { releasesOf } from '../render/release.js'
import { SYSTEM_FILES } from '../render/system-files.js'
import { OLDEST_BUILD } from '../render/nginx/dialect.js'
import { releaseConf } from '../render/nginx/files.js'
import { UNRELEASED } from '../render/nginx/release-name.js'
import { quote } from '../shell/quote.js'
import { counted } from '../ui/text.js'
import type { CommandContext } from './base-command.js'
import { certificatesOf } from './certificates.js'
import { loadFleet, type Fleet } from './fleet.js'
import { requireGateway } from './require-gateway.js'
import { replaceFolder } from './render-folder.js'
import { renderedText, renderedView, type HostFiles } from './render-view.js'
import type { CommandResult } from './result.js'

export const DEFAULT_NGINX = OLDEST_BUILD.version

export interface RenderRequest {
  readonly environment: string | undefined
  /** Only these gateway hosts, as a pattern of host and group names. */
  readonly host: string | undefined
  /** The folder to write to; stdout without. */
  readonly out: string | undefined
  /** The version of NGINX to render for. */
  readonly nginx: string
  /** A throwaway certificate stands in for the real ones. */
  readonly withoutKeys: boolean
}

/** Renders the files of gateway hosts from the command line. */
export async function runRenderCommand(
  request: RenderRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const nginx = nginxBuild(request.nginx)
  const fleet = await loadFleet({ environment: request.environment, limit: request.host, forks: 1 })
  const gateway = requireGateway(fleet.inventory, 'render')
  const hosts = gatewayHosts(fleet, gateway, request.host)
  const { certificates, warnings } = request.withoutKeys
    ? { certificates: [await throwawayCertificate(gateway.domain, new Date())], warnings: [] }
    : await ownCertificates(gateway, fleet, context.interrupts.stop)
  const releaseOf = releasesOf(gateway, certificates)
  const rendered = hosts.map(({ name }) => ({
    host: name,
    files: [...releaseOf(name)(nginx), releaseConf(UNRELEASED), ...systemFiles()],
  }))
  const out = request.out === undefined ? null : await replaceFolder(request.out, rendered)
  return {
    exitCode: EXIT.done,
    environment: fleet.inventory.environment,
    warnings,
    text: out === null ? renderedText(rendered, context.terminal.paintOut) : summary(rendered, out, request),
    data: { files: renderedView(rendered), out },
  }
}

/** What a gateway has beside its release, with the paths that it has there below `system`. */
function systemFiles(): RenderedFile[] {
  return Object.values(SYSTEM_FILES).map((file) => ({ ...file, path: `system${file.path}` }))
}

function nginxBuild(version: string): NginxBuild {
  if (/^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(version)) return { version, modules: [] }
  const message = `--nginx must be a version such as ${DEFAULT_NGINX}, not ${JSON.stringify(version)}`
  throw new GwError('USAGE', message, { nextSteps: ['nginx -v tells the version of an installed NGINX.'] })
}

/** The gateways among the hosts that were selected; one that was asked for and is none is a mistake. */
function gatewayHosts(
  { inventory, hosts, typed }: Fleet,
  { group }: Gateway,
  asked: string | undefined,
): Host[] {
  const members = inventory.groups[group] ?? []
  const other = hosts.find(({ name }) => !members.includes(name))
  if (asked !== undefined && other !== undefined) {
    throw new GwError('USAGE', `${other.name} is no gateway, so there is nothing to render for it`, {
      nextSteps: [`gw render ${typed} --host ${group}`],
    })
  }
  return hosts.filter(({ name }) => members.includes(name))
}

/** The certificates that a deploy would take. Whoever has none of the keys learns how to do without. */
async function ownCertificates(
  gateway: Gateway,
  { inventory, typed }: Fleet,
  signal: AbortSignal,
): Promise<LoadedCertificates> {
  try {
    return await certificatesOf(gateway, inventory, signal)
  } catch (error) {
    if (!(error instanceof GwError) || error.code === 'INTERRUPTED') throw error
    throw error.withNextStep(`gw render ${typed} --no-keys renders with a throwaway certificate.`)
  }
}

function summary(rendered: readonly HostFiles[], out: string, { nginx, withoutKeys }: RenderRequest): string {
  const [first] = rendered
  const files = rendered.reduce((sum, { files }) => sum + files.length, 0)
  const certificate = withoutKeys ? ', with a throwaway certificate' : ''
  return [
    `${counted(files, 'file')} for ${counted(rendered.length, 'host')} in ${out}, for NGINX ${nginx}${certificate}.`,
    'Where that NGINX is installed, as root:',
    `nginx -t -c ${quote(`${out}/${first?.host ?? ''}/nginx/nginx.conf`)}`,
  ].join('\n')
}
