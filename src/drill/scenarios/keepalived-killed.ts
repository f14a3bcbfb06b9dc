import { killed } from './ended-unit.js'
import { holdAndKillAll } from './units.js'

export const keepalivedKilled = killed({
  name: 'keepalived-killed',
  unit: 'keepalived.service',
  kill: holdAndKillAll,
  summary: 'keepalived is killed on the gateway that has the virtual IP, and leaves the address behind',
  risk: 'For a moment two gateways have the virtual IP, until systemd has started keepalived again',
})
