import { STATE } from '../../model/state-paths.js'
import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { needsUnits, NOTHING_AT_BOOT } from './units.js'

const NGINX = 'nginx.service'
const BROKEN = '/run/gw-drill-broken.crt'
const FOLDER = `${STATE.current}/nginx/gw/tls`

export const certificateBroken: Scenario = {
  name: 'certificate-broken',
  summary:
    'The certificate cannot be read on the gateway that has the virtual IP, and NGINX is told to read it again',
  risk: 'NGINX goes on with the one that it has; if it ended before the undo, it would not start there again',
  expects: 'stays',
  on: 'holder',
  // Its peers are compared with what NGINX shows, and that stays as it was.
  disturbs: [],
  reboots: false,
  // The files of a release never change: another one is mounted over it, which the kernel forgets when the host goes down.
  disturbanceOn: () => ({
    ready: sh`
      ${needsUnits([NGINX])}
      if ! ls ${FOLDER}/*.crt >/dev/null 2>&1; then
        echo 'no certificate is published here' >&2
        exit 1
      fi`,
    // By the signal itself: a reload of the unit would look at the files first, and not ask NGINX.
    disturb: sh`
      echo 'broken by a drill of gw' >${BROKEN}
      for file in ${FOLDER}/*.crt; do
        mount --bind -- ${BROKEN} "$(readlink -f -- "$file")"
      done
      kill -s HUP "$(systemctl show --property=MainPID --value ${NGINX})"`,
    undo: sh`
      while read -r _ _ _ root target _; do
        case $root in */${BROKEN.slice(BROKEN.lastIndexOf('/') + 1)}*) umount -- "$target" || umount --lazy -- "$target" ;; esac
      done </proc/self/mountinfo
      rm -f -- ${BROKEN}
      ${NOTHING_AT_BOOT}
      if systemctl is-active --quiet ${NGINX}; then systemctl reload ${NGINX}; fi`,
  }),
}
