/** What the gateway answers itself; no route can have these. One that ends with `/` has all that is below it. */
export const OWN_PATHS = {
  health: '/health',
  status: '/nginx_status',
  acme: '/.well-known/acme-challenge/',
  errors: '/gw-error/',
  requirements: '/gw-require/',
} as const
