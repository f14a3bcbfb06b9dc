import type { Gateway } from '../../src/model/gateway.js'
import type { Pool, Server } from '../../src/model/pool.js'
import { type Changes, withChanges } from './changes.js'

function server(host: string, address: string, port: number, weight: number): Server {
  return {
    host,
    address,
    port,
    weight,
    backup: false,
    maxFails: 3,
    failTimeoutSeconds: 10,
    maxConnections: 0,
  }
}

function pool(name: string, balance: Pool['balance'], servers: readonly Server[]): Pool {
  return {
    name,
    balance,
    stickySeconds: 3600,
    keepalive: 32,
    healthPath: '/health',
    leastServers: 2,
    retries: { tries: 2, timeoutSeconds: 10 },
    servers,
  }
}

function route(path: string, name: string): Gateway['routes'][number] {
  return {
    kind: 'pool',
    path,
    pool: name,
    methods: [],
    allow: [],
    requiredHeaders: [],
    rateLimits: [],
    timeoutSeconds: 60,
    maxBodyBytes: null,
    buffering: true,
    websocket: false,
    cacheSeconds: null,
  }
}

/** What the healthy pair is to be. */
export const GATEWAY: Gateway = {
  group: 'gateways',
  domain: 'api.example.com',
  service: 'example-gateway',
  virtualIp: {
    address: '10.0.1.100',
    prefixLength: 24,
    interface: 'eth0',
    virtualRouterId: 51,
    profile: 'fast',
    advertIntervalMs: 50,
    downAdverts: 3,
    priorities: { 'gw-1': 100, 'gw-2': 90 },
    unicast: false,
    addresses: { 'gw-1': '10.0.1.101', 'gw-2': '10.0.1.102' },
  },
  tls: { kind: 'self-signed', folder: '/home/ann/tls' },
  pools: [
    pool('admin', 'round_robin', [
      server('admin-1', '10.0.1.111', 3000, 100),
      server('admin-2', '10.0.1.112', 3000, 100),
      server('admin-3', '10.0.1.113', 3000, 50),
    ]),
    pool('customer', 'least_conn', [
      server('customer-1', '10.0.1.121', 3001, 100),
      server('customer-2', '10.0.1.122', 3001, 100),
      server('customer-3', '10.0.1.123', 3001, 100),
    ]),
  ],
  routes: [route('/api/v1/admin/', 'admin'), route('/', 'customer')],
  rateLimits: [],
  limits: {
    connectionsPerClient: 100,
    connectionsPerServer: 1000,
    maxBodyBytes: 10 * 1024 * 1024,
    maxHeaderBytes: 32 * 1024,
    maxUriBytes: 8 * 1024,
  },
  responseHeaders: {},
  identityHeaders: [],
  trustedProxies: [],
  internalNetworks: [],
  logging: {
    accessLog: '/var/log/nginx/access.log',
    errorLog: '/var/log/nginx/error.log',
    errorLevel: 'warn',
  },
}

export function gatewayWith(changes: Changes<Gateway>): Gateway {
  return withChanges(GATEWAY, changes)
}
