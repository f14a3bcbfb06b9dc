import { killed } from './ended-unit.js'
import { killAll } from './units.js'

export const nginxKilled = killed({
  name: 'nginx-killed',
  unit: 'nginx.service',
  kill: killAll,
  summary: 'NGINX is killed with all its workers on the gateway that has the virtual IP',
  risk: 'What it was answering is cut; systemd starts it again a second later',
})
