/** Runs the backend service: SERVICE is its name, PORT where it listens, the folder of this file its version. */
import { hostname } from 'node:os'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backendServer } from './service.js'

const release = basename(dirname(fileURLToPath(import.meta.url)))
const server = backendServer({
  service: process.env['SERVICE'] ?? 'backend',
  version: release,
  host: hostname(),
})
// Longer than a gateway keeps its idle connections, so that it is never the backend that closes one under a request.
server.keepAliveTimeout = 75_000
server.listen(Number(process.env['PORT']))
process.once('SIGTERM', () => {
  // Requests in flight are answered to their end, their connections closed right after; idle ones are closed now.
  server.keepAliveTimeout = 1
  server.close()
  server.closeIdleConnections()
})
