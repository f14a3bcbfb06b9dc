import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface AddressQuestion {
  /** IPv4, or IPv6 in its shortest form; without a prefix length. */
  readonly address: string
}

/** Whether an interface of the host has the address, whoever gave it. */
export const addressHeld: Fact<AddressQuestion, boolean> = {
  name: 'address',
  script: () => sh`ip -o addr show`,
  parse(output, args) {
    const held = [...output.matchAll(/^\d+: \S+\s+inet6? ([0-9A-Fa-f.:]+)/gm)].map((match) => match[1])
    // Every host has at least a loopback address, so no address at all means that `ip` did not answer.
    if (held.length === 0) throw new Error('ip listed no address at all')
    return args.map((arg) => held.includes(arg.address.toLowerCase()))
  },
}
