import { BACKUP_SCRIPT, backupScript } from './backup/script.js'
import { BACKUP_TIMER, backupService, backupTimer } from './backup/units.js'
import { NGINX_STATE_FOLDER, NOTIFY_SCRIPT } from './keepalived/configuration.js'
import { notifyScript } from './keepalived/notify.js'
import { keepalivedUnitDropIn } from './keepalived/unit.js'
import { LIVENESS_SCRIPT, livenessScript } from './liveness/script.js'
import { LIVENESS_UNIT, livenessUnit } from './liveness/unit.js'
import { nginxUnitDropIn } from './nginx/unit.js'
import { REVERT_UNIT, revertUnit } from './revert-unit.js'

/** A file that is not part of a release, since it must be there whatever release is current. `path` is absolute. */
interface SystemFile {
  readonly path: string
  readonly mode: '0644' | '0755'
  readonly content: string
}

/** What every gateway has beside its release: by it NGINX, keepalived and systemd work together. */
export const SYSTEM_FILES = {
  stateFolder: {
    path: '/etc/tmpfiles.d/gw.conf',
    mode: '0644',
    content: `d ${NGINX_STATE_FOLDER} 0755 root root\n`,
  },
  notifyScript: { path: NOTIFY_SCRIPT, mode: '0755', content: notifyScript() },
  nginxUnit: {
    path: '/etc/systemd/system/nginx.service.d/gw.conf',
    mode: '0644',
    content: nginxUnitDropIn(),
  },
  keepalivedUnit: {
    path: '/etc/systemd/system/keepalived.service.d/gw.conf',
    mode: '0644',
    content: keepalivedUnitDropIn(),
  },
  livenessScript: { path: LIVENESS_SCRIPT, mode: '0755', content: livenessScript() },
  livenessUnit: { path: `/etc/systemd/system/${LIVENESS_UNIT}`, mode: '0644', content: livenessUnit() },
  revertUnit: { path: `/etc/systemd/system/${REVERT_UNIT}`, mode: '0644', content: revertUnit() },
  backupScript: { path: BACKUP_SCRIPT, mode: '0755', content: backupScript() },
  backupService: {
    path: '/etc/systemd/system/gw-backup.service',
    mode: '0644',
    content: backupService(),
  },
  backupTimer: { path: `/etc/systemd/system/${BACKUP_TIMER}`, mode: '0644', content: backupTimer() },
} as const satisfies Readonly<Record<string, SystemFile>>
