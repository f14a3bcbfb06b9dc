import { describe, expect, test } from 'vitest'
import { composeDocument } from '../../src/lab/compose.js'
import type { ComposeSettings } from '../../src/lab/compose.js'
import { layOut } from '../../src/lab/topology.js'

const lab = layOut('test', '198.18.7', 1)
const settings: ComposeSettings = {
  images: { host: 'gw-lab-host:1', backend: 'gw-lab-backend:1' },
  stateDir: '/project/lab/.labs/test',
  mtu: 1400,
}

interface Service {
  image: string
  privileged?: boolean
  cap_add: string[]
  sysctls: Record<string, string>
  tmpfs: string[]
  restart: string
  networks: { lab: { ipv4_address: string } }
  volumes: { source: string }[]
}
interface Document {
  version?: string
  services: Record<string, Service>
  networks: { lab: { driver_opts: Record<string, string>; ipam: { config: { subnet: string }[] } } }
}
const parse = (text: string) => JSON.parse(text) as Document

describe('the compose document of a lab', () => {
  const { text, definitions } = composeDocument(lab, settings)
  const document = parse(text)

  test('has no version, which new compose finds obsolete and 1.27 and later need not', () => {
    expect(document.version).toBeUndefined()
  })

  test('gives every host its address, and the backends their image', () => {
    expect(document.services['gw-1']?.networks.lab.ipv4_address).toBe('198.18.7.101')
    expect(document.services['gw-1']?.image).toBe('gw-lab-host:1')
    expect(document.services['customer-3']?.image).toBe('gw-lab-backend:1')
    expect(document.services['plain-1']?.image).toBe('gw-lab-host:1')
  })

  test('asks for two capabilities and never for privileged', () => {
    for (const service of Object.values(document.services)) {
      expect(service.cap_add).toEqual(['SYS_ADMIN', 'NET_ADMIN'])
      expect(service.sysctls).toEqual({ 'net.ipv4.ip_forward': '0' })
      expect(service.privileged).toBeUndefined()
    }
  })

  test('gives every host a disk of its own for the logs of NGINX', () => {
    for (const { tmpfs } of Object.values(document.services)) {
      expect(tmpfs).toContain('/var/log/nginx:mode=755,size=32m')
    }
  })

  test('starts a host again that ends by itself with a failure, as one that reboots does', () => {
    for (const service of Object.values(document.services)) expect(service.restart).toBe('on-failure')
  })

  test("makes the network with the lab's range and the packet size of the machine's way out", () => {
    expect(document.networks.lab.ipam.config[0]?.subnet).toBe('198.18.7.0/24')
    expect(document.networks.lab.driver_opts).toEqual({ 'com.docker.network.driver.mtu': '1400' })
  })

  test('keeps a dollar sign of a path from being read as a variable', () => {
    const odd = parse(composeDocument(lab, { ...settings, stateDir: '/a$HOME/b' }).text)
    expect(odd.services['gw-1']?.volumes[0]?.source).toBe('/a$$HOME/b/hosts/gw-1')
  })

  test('leaves the other hosts as they were when plain hosts join', () => {
    const larger = composeDocument(layOut('test', '198.18.7', 3), settings).definitions
    for (const [host, definition] of definitions) expect(larger.get(host)).toBe(definition)
  })

  test('defines only the backends anew when only their image is new', () => {
    const images = { ...settings.images, backend: 'gw-lab-backend:2' }
    const renewed = composeDocument(lab, { ...settings, images }).definitions
    const changed = [...definitions].filter(([host, definition]) => renewed.get(host) !== definition)
    expect(changed.map(([host]) => host.replace(/-\d+$/, ''))).toEqual([
      ...Array<string>(3).fill('admin'),
      ...Array<string>(3).fill('customer'),
    ])
  })
})
