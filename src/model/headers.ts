/** What the gateway itself tells backends in each request, whatever the client sent. */
export const FORWARDED_HEADERS = [
  'Host',
  'X-Real-IP',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Request-ID',
] as const

/** What is taken out of each request: by these a client could speak in the gateway's name. */
export const REMOVED_HEADERS = [
  'Forwarded',
  'HTTP2-Settings',
  'Proxy',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Server',
  'X-Original-URL',
  'X-Rewrite-URL',
] as const

/** What the gateway tells of a request in each answer. */
export const ANSWER_HEADERS = ['X-Request-ID', 'X-Gateway-Time', 'X-Upstream-Time', 'X-Cache-Status'] as const

/** What the gateway's own errors say besides. */
export const ERROR_HEADERS = [
  'Allow',
  'Retry-After',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
] as const

export type ForwardedHeader = (typeof FORWARDED_HEADERS)[number]
export type AnswerHeader = (typeof ANSWER_HEADERS)[number]
export type ErrorHeader = (typeof ERROR_HEADERS)[number]
