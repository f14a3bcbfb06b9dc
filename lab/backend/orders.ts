/**
 * What one request asks of the service by its query, below any path:
 * `status=503`, `delay=200` (ms before the answer), `header=Name:value` (again for more), `pieces=5&every=100` (a
 * streamed answer, a line every so many ms), `break=1` (the connection ends in the middle of the answer's header),
 * `at=HOST` (all of this on that host only), and `count=ID`, which every host counts.
 */
export interface Orders {
  readonly status: number
  readonly delayMs: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** 0: the echo, in one piece. */
  readonly pieces: number
  readonly everyMs: number
  readonly breaks: boolean
}

export const NO_ORDERS: Orders = {
  status: 200,
  delayMs: 0,
  headers: [],
  pieces: 0,
  everyMs: 0,
  breaks: false,
}

const HEADER = /^([\w-]+):([\x20-\x7e]*)$/

/** @returns `null` when an order makes no sense. Orders that are meant for another host are none. */
export function ordersOf(query: URLSearchParams, host: string): Orders | null {
  if (query.has('at') && query.get('at') !== host) return NO_ORDERS
  const status = whole(query, 'status', { least: 200, most: 599, otherwise: NO_ORDERS.status })
  const delayMs = whole(query, 'delay', { least: 0, most: 600_000, otherwise: 0 })
  const pieces = whole(query, 'pieces', { least: 1, most: 10_000, otherwise: 0 })
  const everyMs = whole(query, 'every', { least: 0, most: 60_000, otherwise: 0 })
  const headers = query.getAll('header').flatMap((text): [string, string][] => {
    const [, name, value] = HEADER.exec(text) ?? []
    return name === undefined || value === undefined ? [] : [[name, value]]
  })
  if (status === null || delayMs === null || pieces === null || everyMs === null) return null
  if (headers.length !== query.getAll('header').length) return null
  return { status, delayMs, headers, pieces, everyMs, breaks: query.get('break') === '1' }
}

function whole(
  query: URLSearchParams,
  name: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number | null {
  const text = query.get(name)
  if (text === null) return otherwise
  const value = /^\d{1,6}$/.test(text) ? Number(text) : -1
  return value >= least && value <= most ? value : null
}
