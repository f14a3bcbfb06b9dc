import { stringify } from 'yaml'
import type { Endpoint, Host, HostConnection } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import { gatewayView } from './gateway-view.js'
import type { View } from './gateway-view.js'
import { formatSecretReference } from '../model/secret.js'
import { formatDuration } from './duration.js'

/** An inventory with everything resolved, in the words of an inventory file; secrets are shown as references. */
export function inventoryView(inventory: Inventory): View {
  return {
    environment: inventory.environment,
    file: inventory.file,
    confirm: inventory.confirm,
    hosts: Object.fromEntries(inventory.hosts.map((host) => [host.name, hostView(host)])),
    groups: { ...inventory.groups },
    gateway: inventory.gateway === null ? null : gatewayView(inventory.gateway),
  }
}

export function hostView(host: Host): View {
  const { connection } = host
  return {
    address: connection.address,
    groups: host.groups,
    connection: connectionView(connection),
    values: { ...host.values },
  }
}

/** The view as a YAML text. */
export function viewAsYaml(view: View): string {
  return stringify(view, { lineWidth: 0 })
}

/** The hosts as a table: name, address, user, groups. */
export function hostTable(inventory: Inventory): string {
  const rows = inventory.hosts.map(({ name, connection, groups }) => {
    const port = connection.port === 22 ? '' : ` port ${connection.port}`
    return [name, connection.address + port, connection.user, groups.join(', ')]
  })
  const table = [['HOST', 'ADDRESS', 'USER', 'GROUPS'], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function connectionView(connection: HostConnection): View {
  const { become } = connection
  const password = become.method === 'sudo' ? become.password : null
  return {
    driver: connection.driver,
    ...endpointView(connection),
    jump: connection.jump.map((hop) => ({ address: hop.address, ...endpointView(hop) })),
    become:
      password === null
        ? become.method
        : { method: become.method, password: formatSecretReference(password) },
    connect_timeout: formatDuration(connection.connectTimeoutMs),
  }
}

function endpointView(endpoint: Endpoint): View {
  return {
    user: endpoint.user,
    port: endpoint.port,
    identity_file: endpoint.identityFiles,
    agent: endpoint.agent ?? false,
    known_hosts: endpoint.knownHosts,
  }
}
