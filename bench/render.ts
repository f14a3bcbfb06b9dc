import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadInventory } from '../src/inventory/load-inventory.js'
import { OLDEST_BUILD } from '../src/render/nginx/dialect.js'
import { releasesOf } from '../src/render/release.js'

// Loads, validates and renders an inventory in this process, and prints how long that took and the most memory that
// the process ever had: `render.ts production` once cold and at the median of the rest, `render.ts large` once.

const LARGE = { pools: 200, serversPerPool: 50, routes: 1000 }
const [, , what = 'production', runs = '21'] = process.argv

const folder = mkdtempSync(join(tmpdir(), 'gw-bench-'))
const path = what === 'large' ? writeLarge() : what
const times: number[] = []
let files = 0
let bytes = 0
for (let run = 0; run < Number(what === 'large' ? 1 : runs); run += 1) {
  const start = performance.now()
  const { gateway, groups } = await loadInventory(path, { projectDir: process.cwd(), env: process.env })
  if (gateway === null) throw new Error(`${path} describes no gateway`)
  const hosts = groups[gateway.group] ?? []
  const releaseOf = releasesOf(gateway, [])
  const rendered = hosts.flatMap((host) => releaseOf(host)(OLDEST_BUILD))
  times.push(performance.now() - start)
  files = rendered.length
  bytes = rendered.reduce((sum, { content }) => sum + String(content).length, 0)
}
rmSync(folder, { recursive: true })

const [cold = 0, ...warm] = times
const median = warm.toSorted((one, other) => one - other)[Math.floor(warm.length / 2)]
const memory = Math.round(process.resourceUsage().maxRSS / 1024)
console.log(
  `${what}: ${files} files, ${Math.round(bytes / 1024)} KiB for all hosts; first ${cold.toFixed(1)} ms` +
    `${median === undefined ? '' : `, median of ${warm.length} more ${median.toFixed(1)} ms`}; ${memory} MiB at most`,
)

/** 1000 routes over 200 pools of 50 servers each. */
function writeLarge(): string {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_each, index) => index + 1)
  const names = numbers(LARGE.pools).map((pool) => `pool-${pool}`)
  const file = join(folder, 'large.yml')
  const lines = [
    'hosts:',
    '  gw-[1:2]: { address: "10.0.1.[101:102]" }',
    ...names.map(
      (name, index) =>
        `  ${name}-[1:${LARGE.serversPerPool}]: { address: "10.${index + 1}.0.[1:${LARGE.serversPerPool}]" }`,
    ),
    'groups:',
    '  gateways: { hosts: [gw-1, gw-2] }',
    ...names.map((name) => `  ${name}: { hosts: ["${name}-[1:${LARGE.serversPerPool}]"] }`),
    'gateway:',
    '  domain: large.example.com',
    '  tls: self-signed',
    '  vip: { address: 10.0.1.100/24, interface: eth0, virtual_router_id: 51 }',
    '  pools:',
    ...names.map((name) => `    ${name}: { port: 3000 }`),
    '  rate_limits: { client: { rate: 100r/s, burst: 50 } }',
    '  routes:',
    ...numbers(LARGE.routes).map(
      (route) =>
        `    - { path: /api/v1/route-${route}/, pool: ${names[route % names.length] ?? ''}, rate_limits: [client] }`,
    ),
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}
