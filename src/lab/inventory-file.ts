import { DEFAULT_LAB } from './topology.js'
import type { Lab } from './topology.js'

/**
 * The lab's own inventory: inventory/lab.yml with this lab's addresses, virtual IP, key, known_hosts and certificates. Paths are
 * relative to the lab's state folder, where it is written. Plain hosts form the group `plain`.
 */
export function inventoryText(lab: Lab): string {
  const plain = lab.hosts.filter((host) => host.role === 'plain').map((host) => host.name)
  const name = lab.name === DEFAULT_LAB ? '' : ` --name ${lab.name}`
  return [
    `# Written by \`gw lab up${name}\`, again each time it runs.`,
    'extends: ../../../inventory/lab.yml',
    'connection:',
    '  identity_file: id_ed25519',
    '  known_hosts: [known_hosts]',
    'hosts:',
    ...lab.hosts.map((host) => `  ${host.name}: { address: ${host.address} }`),
    ...(plain.length === 0 ? [] : ['groups:', `  plain: { hosts: [${plain.join(', ')}] }`]),
    'gateway:',
    `  vip: { address: ${lab.virtualIp}/24 }`,
    '  tls: { self_signed: tls }',
    '',
  ].join('\n')
}
