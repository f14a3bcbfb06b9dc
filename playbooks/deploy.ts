import { play, playbook, task, type Playbook, type Task } from '../src/engine/playbook.js'
import { GwError } from '../src/errors.js'
import { addressHeld } from '../src/facts/address.js'
import { ask } from '../src/facts/fact.js'
import type { Gateway } from '../src/model/gateway.js'
import type { Inventory } from '../src/model/inventory.js'
import { directory } from '../src/operations/directory.js'
import { file } from '../src/operations/file.js'
import { aptPackage } from '../src/operations/package.js'
import { unit } from '../src/operations/unit.js'
import { keepalivedConfiguration, NGINX_STATE_FOLDER } from '../src/render/keepalived/configuration.js'
import { nginxConfiguration } from '../src/render/nginx/configuration.js'
import { nginxUnitDropIn } from '../src/render/nginx/unit.js'
import { sh, type Script } from '../src/shell/script.js'

const NGINX_CONFIGURATION = '/etc/nginx/nginx.conf'
const NGINX_DROP_IN = '/etc/systemd/system/nginx.service.d/gw.conf'
const KEEPALIVED_CONFIGURATION = '/etc/keepalived/keepalived.conf'

/**
 * Makes bare hosts a serving gateway pair, and keeps them one: packages everywhere at once, then configuration one host
 * at a time, the holder of the virtual IP last.
 * @throws GwError USAGE when the inventory describes no gateway
 */
export function deploy(inventory: Inventory): Playbook {
  const gateway = requireGateway(inventory)
  return playbook({
    name: 'deploy',
    plays: [
      play({ name: 'Install packages', hosts: gateway.group, tasks: packages }),
      play({
        name: 'Configure and start',
        hosts: gateway.group,
        serial: 1,
        last: () => ask(addressHeld, { address: gateway.virtualIp.address }),
        tasks: ({ host }) => [...nginx(gateway), ...keepalived(gateway, host.name)],
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

function nginx(gateway: Gateway): Task[] {
  return [
    task('Make the folder of NGINX state', directory({ path: NGINX_STATE_FOLDER })),
    task(
      'Make it at every boot',
      file({ path: '/etc/tmpfiles.d/gw.conf', content: `d ${NGINX_STATE_FOLDER} 0755 root root\n` }),
    ),
    task("Make the folder of NGINX's unit", directory({ path: '/etc/systemd/system/nginx.service.d' })),
    task('Let NGINX tell its state', file({ path: NGINX_DROP_IN, content: nginxUnitDropIn() })),
    task(
      'Configure NGINX',
      file({ path: NGINX_CONFIGURATION, content: nginxConfiguration(gateway), test: testNginx }),
    ),
    task(
      'Run NGINX',
      unit({
        name: 'nginx.service',
        enabled: true,
        running: true,
        reloadOn: [NGINX_CONFIGURATION],
        restartOn: [NGINX_DROP_IN],
      }),
    ),
  ]
}

function keepalived(gateway: Gateway, host: string): Task[] {
  const content = keepalivedConfiguration(gateway, host)
  return [
    task('Configure keepalived', file({ path: KEEPALIVED_CONFIGURATION, content, test: testKeepalived })),
    task(
      'Run keepalived',
      unit({
        name: 'keepalived.service',
        enabled: true,
        running: true,
        reloadOn: [KEEPALIVED_CONFIGURATION],
      }),
    ),
  ]
}

/** NGINX only warns of things that break a gateway, such as a pool that loses its idle connections. */
function testNginx(staged: string): Script {
  return sh`
    warnings=$(nginx -t -q -c ${staged} 2>&1) && [ -z "$warnings" ] || { echo "$warnings"; exit 1; }
  `
}

function testKeepalived(staged: string): Script {
  return sh`keepalived -t -f ${staged}`
}

function requireGateway({ gateway, file }: Inventory): Gateway {
  if (gateway !== null) return gateway
  throw new GwError('USAGE', `the inventory describes no gateway, so there is nothing to deploy: ${file}`, {
    nextSteps: ['Add a `gateway:` section, as inventory/production.yml has one.'],
  })
}
