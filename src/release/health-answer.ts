import { RELEASE_NAME } from '../model/release.js'
import type { WebAnswer } from '../probe/probe.js'
import { UNRELEASED } from '../render/nginx/release-name.js'
import { cleanLine } from '../shell/clean.js'

/** What a gateway says of itself at /health; `node` is null where its release does not tell it yet. */
interface GatewayHealth {
  readonly release: string
  readonly node: string | null
}

const LONGEST_SHOWN = 80

/** Reads an answer to GET /health; when it is not a healthy gateway's, what it is `instead`, in words that are safe to show. */
export function healthIn({
  status,
  location,
  body,
}: WebAnswer): GatewayHealth | { readonly instead: string } {
  if (status !== 200) {
    const where = location === null ? '' : `, which leads to ${shown(location)}`
    return { instead: `status ${status}${where}` }
  }
  const { status: health, release, node } = objectIn(body)
  if (health !== 'healthy' || typeof release !== 'string') return { instead: `no health: ${shown(body)}` }
  if (release !== UNRELEASED && !RELEASE_NAME.test(release))
    return { instead: `no name of a release: ${shown(release)}` }
  return { release, node: typeof node === 'string' ? node : null }
}

/** Whether the `node` of a /health is the host that calls itself `nodeName`: NGINX tells names in small letters. */
export function isNode(node: string, nodeName: string): boolean {
  return node.toLowerCase() === nodeName.toLowerCase()
}

function objectIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function shown(text: string): string {
  const cleaned = cleanLine(text.slice(0, LONGEST_SHOWN))
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${cleaned}...` : cleaned)
}
