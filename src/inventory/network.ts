import { isIPv4, isIPv6 } from 'node:net'
import { ipv4Number } from '../model/ipv4.js'

/** What a network or an address may be written with; `parseNetwork` says whether it is one. */
export const NETWORK = /^[0-9A-Fa-f:.]{2,45}(?:\/[0-9]{1,3})?$/

/** A network in the one way in which it is written; not `exact` when the text had bits behind the prefix. */
interface ParsedNetwork {
  readonly text: string
  readonly exact: boolean
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; `null` when the text is none of them, or all addresses. */
export function parseNetwork(text: string): ParsedNetwork | null {
  const [address = '', prefix] = text.split('/')
  const words = addressWords(address)
  if (words === null) return null
  const length = prefix === undefined ? words.length * 16 : Number(prefix)
  if (prefix === '' || length < 1 || length > words.length * 16) return null
  const network = masked(words, length)
  const suffix = length === words.length * 16 ? '' : `/${length}`
  return { text: format(network) + suffix, exact: network.join() === words.join() }
}

/** Whether the text is the network of all addresses, such as `0.0.0.0/0` or `::/0`. */
export function isEverybody(text: string): boolean {
  const [address = '', prefix = ''] = text.split('/')
  return addressWords(address) !== null && /^0+$/.test(prefix)
}

/** Whether an address is in the network of another one; not when one is IPv4 and the other IPv6. */
export function sameNetwork(address: string, other: string, prefixLength: number): boolean {
  const [words, others] = [addressWords(address), addressWords(other)]
  if (words === null || words.length !== others?.length) return false
  return masked(words, prefixLength).join() === masked(others, prefixLength).join()
}

/** An IP address in the one way in which it is written; a name stays, in small letters. */
export function canonicalAddress(address: string): string {
  if (isIPv4(address)) return address
  const words = addressWords(address)
  return words === null ? address.toLowerCase() : format(words)
}

/** The address in words of 16 bits: two of IPv4, eight of IPv6; `null` when it is none. */
function addressWords(address: string): number[] | null {
  if (isIPv4(address)) return ipv4Words(address)
  if (!isIPv6(address) || address.includes('%')) return null
  const [head = '', tail] = address.split('::')
  const [left, right] = [head, tail ?? ''].map(ipv6Words)
  const known = (left ?? []).length + (right ?? []).length
  return [...(left ?? []), ...Array<number>(8 - known).fill(0), ...(right ?? [])]
}

function ipv4Words(address: string): number[] {
  const number = ipv4Number(address)
  return [Math.floor(number / 65_536), number % 65_536]
}

function ipv6Words(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((part) => (part.includes('.') ? ipv4Words(part) : [parseInt(part, 16)]))
}

function masked(words: readonly number[], prefixLength: number): number[] {
  return words.map((word, index) => {
    const kept = Math.min(16, Math.max(0, prefixLength - index * 16))
    return word - (word % 2 ** (16 - kept))
  })
}

function format(words: readonly number[]): string {
  if (words.length === 2) return words.flatMap((word) => [word >> 8, word & 255]).join('.')
  const text = words.map((word) => word.toString(16)).join(':')
  // RFC 5952: the first of the longest runs of zeros is left out.
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  const [longest] = runs
  if (longest === undefined) return text
  const before = text.slice(0, longest.index).replace(/:$/, '')
  return `${before}::${text.slice(longest.index + longest[0].length).replace(/^:/, '')}`
}
