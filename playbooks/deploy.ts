import { posix } from 'node:path'
import { play, playbook, task, type Playbook, type Task } from '../src/engine/playbook.js'
import { addressHeld } from '../src/facts/address.js'
import { ask } from '../src/facts/fact.js'
import { nginxBuild } from '../src/facts/nginx-build.js'
import type { Gateway } from '../src/model/gateway.js'
import type { Certificate } from '../src/model/tls.js'
import { command } from '../src/operations/command.js'
import { directory } from '../src/operations/directory.js'
import { file } from '../src/operations/file.js'
import { link } from '../src/operations/link.js'
import type { Operation } from '../src/operations/operation.js'
import { aptPackage } from '../src/operations/package.js'
import { tree } from '../src/operations/tree.js'
import { unit } from '../src/operations/unit.js'
import { NGINX_STATE_FOLDER } from '../src/render/keepalived/configuration.js'
import { AUDIT_FILE } from '../src/model/state-paths.js'
import { BUILD_PER_DIALECT } from '../src/render/nginx/dialect.js'
import { releaseConf } from '../src/render/nginx/files.js'
import { UNRELEASED } from '../src/render/nginx/release-name.js'
import { ACME_FOLDER } from '../src/render/nginx/site.js'
import { SYSTEM_FILES } from '../src/render/system-files.js'
import { releasesOf, type ReleaseRenderer } from '../src/render/release.js'
import { sh, type Script } from '../src/shell/script.js'

const STATE = '/var/lib/gw'
const CURRENT = `${STATE}/current`

/** Where the programs look for their files, and what of the current release they find there. */
const LINKS = {
  nginx: { path: '/etc/nginx/nginx.conf', target: `${CURRENT}/nginx/nginx.conf` },
  nginxParts: { path: '/etc/nginx/gw', target: `${CURRENT}/nginx/gw` },
  keepalived: { path: '/etc/keepalived/keepalived.conf', target: `${CURRENT}/keepalived/keepalived.conf` },
} as const

/**
 * Makes bare hosts a serving gateway pair, and keeps them one: packages everywhere at once, then configuration one host
 * at a time, the holder of the virtual IP last.
 */
export function deploy(gateway: Gateway, certificates: readonly Certificate[]): Playbook {
  const releaseOf = releasesOf(gateway, certificates)
  return playbook({
    name: 'deploy',
    plays: [
      play({ name: 'Install packages', hosts: gateway.group, tasks: packages }),
      play({
        name: 'Configure and start',
        hosts: gateway.group,
        serial: 1,
        last: () => ask(addressHeld, { address: gateway.virtualIp.address }),
        tasks: ({ host }) => {
          const release = releaseOf(host.name)
          return [...folders(gateway), ...units(), configuration(release), ...links(), ...services(release)]
        },
      }),
    ],
  })
}

function packages(): Task[] {
  return [
    task('Install NGINX', aptPackage({ name: 'nginx' })),
    task('Install keepalived', aptPackage({ name: 'keepalived' })),
  ]
}

function folders({ routes }: Gateway): Task[] {
  const served = new Set(
    routes.flatMap((route) => (route.kind === 'files' ? route.folder.replace(/\/$/, '') : [])),
  )
  return [
    task('Make the folder of NGINX state', directory({ path: NGINX_STATE_FOLDER })),
    task('Make it at every boot', file(SYSTEM_FILES.stateFolder)),
    task('Make the folder of the audit file', directory({ path: posix.dirname(AUDIT_FILE) })),
    task('Make the folder of ACME challenges', directory({ path: ACME_FOLDER })),
    // Whoever puts files there may own it: it is only made.
    ...[...served].map((path) => {
      const name = `Make ${path}`
      return task(
        `${name} for static files`,
        command({ name, script: sh`mkdir -p -- ${path}`, creates: path }),
      )
    }),
  ]
}

function units(): Task[] {
  return [
    task('Make the folder of the notify script', folderOf(SYSTEM_FILES.notifyScript)),
    task('Let keepalived tell its state', file(SYSTEM_FILES.notifyScript)),
    task("Make the folder of NGINX's unit", folderOf(SYSTEM_FILES.nginxUnit)),
    task('Let NGINX tell its state', file(SYSTEM_FILES.nginxUnit)),
    task("Make the folder of keepalived's unit", folderOf(SYSTEM_FILES.keepalivedUnit)),
    task('Let keepalived come back', file(SYSTEM_FILES.keepalivedUnit)),
  ]
}

function folderOf({ path }: { readonly path: string }): Operation {
  return directory({ path: posix.dirname(path) })
}

/** Everything that NGINX and keepalived read, published in one step, or not at all when one of them refuses it. */
function configuration(release: ReleaseRenderer): Task {
  const render: ReleaseRenderer = (nginx) => [...release(nginx), releaseConf(UNRELEASED)]
  const files = { question: ask(nginxBuild, {}), render, likely: BUILD_PER_DIALECT }
  const [store, previous] = [`${STATE}/releases`, `${STATE}/previous`]
  return task('Configure the gateway', tree({ link: CURRENT, store, previous, files, test: testRelease }))
}

/** NGINX only warns of things that break a gateway, such as a pool that loses its idle connections. */
function testRelease(staged: string): Script {
  return sh`
    warnings=$(nginx -t -q -c ${`${staged}/nginx/nginx.conf`} 2>&1) && [ -z "$warnings" ] || {
      printf '%s\n' "$warnings"
      exit 1
    }
    keepalived -t -f ${`${staged}/keepalived/keepalived.conf`}`
}

function links(): Task[] {
  return [
    task('Lead NGINX to its configuration', link(LINKS.nginx)),
    task("Lead NGINX to its configuration's parts", link(LINKS.nginxParts)),
    task('Lead keepalived to its configuration', link(LINKS.keepalived)),
  ]
}

function services(release: ReleaseRenderer): Task[] {
  const paths = new Set(BUILD_PER_DIALECT.flatMap(release).map(({ path }) => path))
  const below = (folder: string) =>
    [...paths].filter((path) => path.startsWith(folder)).map((path) => `${CURRENT}/${path}`)
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
