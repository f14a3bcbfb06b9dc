import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

/** A host's interfaces are asked about all at once. */
type InterfacesQuestion = Readonly<Record<string, never>>

export interface NetworkInterface {
  readonly name: string
  /** It is up and has a carrier. */
  readonly up: boolean
  /** Each with its prefix length: `10.0.1.11/24`; IPv6 in its shortest form. */
  readonly addresses: readonly string[]
}

/** The network interfaces of a host, in the order of the kernel; none where `ip` does not answer. */
export const networkInterfaces: Fact<InterfacesQuestion, readonly NetworkInterface[]> = {
  name: 'network-interfaces',
  script: () => sh`
    ip -o link show
    ip -o addr show`,
  parse(output, args) {
    const addresses = [
      ...output.matchAll(/^\d+: (\S+)\s+inet6? ([0-9A-Fa-f.:]+)(?: peer [^\s/]+)?\/(\d+)/gm),
    ].map(([, name = '', address = '', length = '']) => ({ name, text: `${address}/${length}` }))
    const found = [...output.matchAll(/^\d+: ([^\s@]+)(?:@\S+)?: <([A-Z0-9,_-]*)>/gm)].map(
      ([, name = '', flags = '']): NetworkInterface => ({
        name,
        up: ['UP', 'LOWER_UP'].every((flag) => flags.split(',').includes(flag)),
        addresses: addresses.filter((address) => address.name === name).map(({ text }) => text),
      }),
    )
    return args.map(() => found)
  },
}
