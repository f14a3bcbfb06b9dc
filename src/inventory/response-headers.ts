/** Headers of every answer. HSTS without `preload`: getting off the browsers' lists takes months. */
const DEFAULT_RESPONSE_HEADERS: Readonly<Record<string, string>> = {
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Permissions-Policy': 'geolocation=(), microphone=(), camera=()',
  'Content-Security-Policy': "default-src 'self'",
}

/** The settings over the defaults; names are compared without regard to case, and `false` takes one out. */
export function resolveResponseHeaders(
  settings: Readonly<Record<string, string | false>>,
): Record<string, string> {
  const headers = new Map<string, readonly [string, string | false]>()
  for (const [name, value] of [...Object.entries(DEFAULT_RESPONSE_HEADERS), ...Object.entries(settings)])
    headers.set(name.toLowerCase(), [name, value])
  return Object.fromEntries(
    [...headers.values()].flatMap(([name, value]) => (value === false ? [] : [[name, value] as const])),
  )
}
