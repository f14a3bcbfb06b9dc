import { GwError } from '../errors.js'
import { ipv4Number } from '../model/ipv4.js'

/** What a lab's host is for; it decides the image and the settings that the host starts with. */
type LabRole = 'gateway' | 'admin' | 'customer' | 'monitoring' | 'plain'

export interface LabHost {
  readonly name: string
  readonly role: LabRole
  /** IPv4 address on the lab's network. */
  readonly address: string
}

/** One lab: a network of its own with the reference topology on it. */
export interface Lab {
  readonly name: string
  /** First three numbers of the lab's /24, e.g. "198.18.0". */
  readonly prefix: string
  /** The gateways' virtual IP. */
  readonly virtualIp: string
  readonly hosts: readonly LabHost[]
}

/** The service that the backends of a role run. */
interface LabService {
  readonly name: string
  readonly port: number
}

/** The lab that inventory/lab.yml describes. */
export const DEFAULT_LAB = 'lab'
/** The default lab's network; no other lab takes it. */
const DEFAULT_PREFIX = '198.18.0'
const MAX_PLAIN = 100

const FIXED: readonly (readonly [role: LabRole, stem: string, count: number, firstNumber: number])[] = [
  ['gateway', 'gw', 2, 101],
  ['admin', 'admin', 3, 111],
  ['customer', 'customer', 3, 121],
  ['monitoring', 'mon', 1, 131],
]

const SERVICES: Readonly<Partial<Record<LabRole, LabService>>> = {
  admin: { name: 'admin-server', port: 3000 },
  customer: { name: 'customer-server', port: 3001 },
}

export function serviceOf(role: LabRole): LabService | null {
  return SERVICES[role] ?? null
}

/** @throws GwError USAGE when the name could not be a container's, a network's and a folder's at once. */
export function checkLabName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) return name
  throw new GwError('USAGE', `${JSON.stringify(name)} is no name for a lab`, {
    nextSteps: ['Use lower-case letters, digits and dashes, at most 31, the first one no dash.'],
  })
}

/**
 * The lab `name` on the network `prefix`, with `plain` extra bare hosts.
 * @throws GwError USAGE when `plain` is not between 0 and 100.
 */
export function layOut(name: string, prefix: string, plain: number): Lab {
  if (!Number.isInteger(plain) || plain < 0 || plain > MAX_PLAIN) {
    throw new GwError('USAGE', `a lab has between 0 and ${MAX_PLAIN} plain hosts, not ${plain}`, {
      nextSteps: [`Give --plain a whole number from 0 to ${MAX_PLAIN}.`],
    })
  }
  const rows = [...FIXED, ['plain', 'plain', plain, 151] as const]
  const hosts = rows.flatMap(([role, stem, count, firstNumber]) =>
    Array.from({ length: count }, (_, index) => ({
      name: `${stem}-${index + 1}`,
      role,
      address: `${prefix}.${firstNumber + index}`,
    })),
  )
  return { name, prefix, virtualIp: `${prefix}.100`, hosts }
}

/** Whether two IPv4 networks in CIDR form share an address. */
function overlap(one: string, other: string): boolean {
  const [oneAddress = '', oneBits = '32'] = one.split('/')
  const [otherAddress = '', otherBits = '32'] = other.split('/')
  const size = 2 ** (32 - Math.min(Number(oneBits), Number(otherBits)))
  return Math.floor(ipv4Number(oneAddress) / size) === Math.floor(ipv4Number(otherAddress) / size)
}

/**
 * Chooses the network for a new lab in 198.18.0.0/15, the range set aside for tests (RFC 2544).
 * @param taken IPv4 networks in CIDR form that this machine has already.
 * @throws GwError LAB_UNAVAILABLE when there is none left, or the default lab's own is taken.
 */
export function chooseNetwork(name: string, taken: readonly string[]): string {
  const candidates =
    name === DEFAULT_LAB
      ? [DEFAULT_PREFIX]
      : Array.from({ length: 511 }, (_, index) => `198.${18 + ((index + 1) >> 8)}.${(index + 1) & 255}`)
  const free = candidates.find((prefix) => !taken.some((network) => overlap(`${prefix}.0/24`, network)))
  if (free !== undefined) return free
  throw new GwError(
    'LAB_UNAVAILABLE',
    `no network is left for the lab ${name}: this machine uses ${candidates[0] ?? ''}.0/24 already`,
    {
      nextSteps: [
        'docker network ls shows the networks of Docker.',
        'gw lab down --name NAME removes a lab that is no longer needed.',
      ],
    },
  )
}
