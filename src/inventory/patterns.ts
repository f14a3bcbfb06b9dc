import { isIP, isIPv4, isIPv6 } from 'node:net'

// Names that end up in paths, configuration files and shells. None may start with a dash or hold a quote or a blank.
export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
export const GROUP_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
export const POOL_NAME = /^[a-z][a-z0-9_-]{0,31}$/
export const USER_NAME = /^[A-Za-z_][A-Za-z0-9_.@-]{0,63}$/
export const INTERFACE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/
/** A DNS name may have 253 characters, but a file is named after it, and ends in `.conf` within 255. */
export const DOMAIN =
  /^(?=.{1,240}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/
/** Without what NGINX takes out of a request's path before it looks for a route: escapes, `//`, `/./` and `/../`. */
export const ROUTE_PATH = /^\/(?!\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))(?!.*\/\/)[A-Za-z0-9._~@/-]{0,255}$/
/** Goes into a request as it is, and in quotes into a command for people. */
export const HEALTH_PATH = /^\/[A-Za-z0-9._~@%/?=&+,:-]{0,255}$/
export const ADDRESS = /^[A-Za-z0-9:](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9:])?$/
export const SECRET_REFERENCE = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|cmd:.+)$/
/** NGINX drops request headers with other characters, an underscore among them. */
export const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/
/** NGINX reads at most 4096 bytes as one word, and a character may take two. */
export const HEADER_VALUE = /^(?=.{1,2000}$)(?! )[ -~]*[!-~]$/
export const FOLDER = /^(?=.{1,255}$)(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\/?$/
export const LOG_FILE = /^(?=.{1,255}$)(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/
export const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/
export const ENVIRONMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/

/** The system would take such a name for an IPv4 address, in octal or hexadecimal digits too. */
const NUMBER_LAST = /(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)$/

const DNS_NAME =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/

/** An IPv4 or IPv6 address or a DNS name; `10.0.1.300` is none of them, since a top-level domain is never a number. */
export function isAddress(text: string): boolean {
  if (isIP(text) !== 0) return true
  return text.length <= 253 && DNS_NAME.test(text) && !NUMBER_LAST.test(text)
}

/** The parts of `10.0.1.100/24`, or `null` when it is not an address with a prefix length. */
export function parseCidr(text: string): { address: string; prefixLength: number } | null {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const longest = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : -1
  const fits = /^[1-9][0-9]{0,2}$/.test(prefix) && Number(prefix) <= longest
  return rest.length === 0 && fits ? { address, prefixLength: Number(prefix) } : null
}
