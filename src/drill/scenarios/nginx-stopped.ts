import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'

export const nginxStopped: Scenario = {
  name: 'nginx-stopped',
  summary: 'NGINX is stopped on the gateway that has the virtual IP',
  risk: 'Its open connections are cut, as in every takeover',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: () => ({
    ready: sh`:`,
    disturb: sh`systemctl stop nginx.service`,
    undo: sh`systemctl start nginx.service`,
  }),
}
