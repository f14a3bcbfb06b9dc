import { stopped } from './ended-unit.js'

export const nginxStopped = stopped({
  name: 'nginx-stopped',
  unit: 'nginx.service',
  summary: 'NGINX is stopped on the gateway that has the virtual IP',
})
