/** What the gateway answers itself; no route can have these. One that ends with `/` has all that is below it. */
export const OWN_PATHS = {
  health: '/health',
  status: '/nginx_status',
  acme: '/.well-known/acme-challenge/',
  errors: '/gw-error/',
  requirements: '/gw-require/',
} as const

/** Where NGINX answers the prober of its own host, over plain HTTP. */
export const LIVENESS = { address: '127.0.0.1', port: 8079, path: '/alive' } as const
