import { posix } from 'node:path'
import { AUDIT_FILE, BACKUPS_FOLDER, STATE } from '../../model/state-paths.js'
import { BACKUP_SCRIPT } from './script.js'

/** The timer of the nightly backup, as systemctl names it. */
export const BACKUP_TIMER = 'gw-backup.timer'

/** The service that the timer starts. Of ordinary priority: while it copies, a deploy waits for it. */
export function backupService(): string {
  return `# Written by gw: changes made here are overwritten by the next deploy.

[Unit]
Description=Backup of the gateway's configuration
# Before the first release there is nothing to back up.
ConditionPathExists=${STATE.current}

[Service]
Type=oneshot
ExecStart=${BACKUP_SCRIPT}
TimeoutStartSec=10min
UMask=0077
PrivateTmp=yes
PrivateDevices=yes
PrivateNetwork=yes
ProtectHome=yes
ProtectSystem=strict
ReadWritePaths=${posix.dirname(BACKUPS_FOLDER)} -${posix.dirname(AUDIT_FILE)}
ProtectControlGroups=yes
ProtectKernelTunables=yes
NoNewPrivileges=yes
RestrictAddressFamilies=none
# Reads keys that belong to others, and gives copies their owners.
CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_FSETID
`
}

export function backupTimer(): string {
  return `# Written by gw: changes made here are overwritten by the next deploy.

[Unit]
Description=Nightly backup of the gateway's configuration

[Timer]
OnCalendar=*-*-* 02:00:00
# Made up for when the host was off.
Persistent=true
AccuracySec=1s

[Install]
WantedBy=timers.target
`
}
