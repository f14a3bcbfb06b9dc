import { stopped } from './ended-unit.js'

export const keepalivedStopped = stopped({
  name: 'keepalived-stopped',
  unit: 'keepalived.service',
  summary: 'keepalived is stopped on the gateway that has the virtual IP',
})
