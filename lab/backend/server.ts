/** Runs the backend service: SERVICE is its name, PORT where it listens, the folder of this file its version. */
import { hostname } from 'node:os'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backend } from './service.js'

const release = basename(dirname(fileURLToPath(import.meta.url)))
const { server, stop } = backend({
  service: process.env['SERVICE'] ?? 'backend',
  version: release,
  host: hostname(),
})
// Longer than a gateway keeps its idle connections, so that it is never the backend that closes one under a request.
server.keepAliveTimeout = 75_000
server.listen(Number(process.env['PORT']))
process.once('SIGTERM', stop)
