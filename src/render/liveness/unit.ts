import { LIVENESS } from '../../model/own-paths.js'
import { LIVENESS_STATE_FILE, NGINX_STATE_FOLDER } from '../keepalived/configuration.js'
import { LIVENESS_SCRIPT } from './script.js'

/** The prober's unit, as systemctl names it. */
export const LIVENESS_UNIT = 'gw-liveness.service'

const NGINX_PID_FILE = '/run/nginx.pid'
const PERIOD_MS = 100
const PATIENCE_MS = 200

/** The service that has the prober run for as long as the host does. */
export function livenessUnit(): string {
  const words = [LIVENESS.port, LIVENESS.path, LIVENESS_STATE_FILE, NGINX_PID_FILE, PERIOD_MS, PATIENCE_MS]
  return `# Written by gw: changes made here are overwritten by the next deploy.

[Unit]
Description=Tells keepalived when NGINX runs but does not answer
StartLimitIntervalSec=0

[Service]
Type=forking
NotifyAccess=main
ExecStart=${LIVENESS_SCRIPT} ${words.join(' ')}
# Without a prober there is no opinion: what it said last must not outlive it.
ExecStopPost=/bin/sh -c 'echo 0 1<>${LIVENESS_STATE_FILE}'
Restart=always
RestartSec=100ms
# One that hangs is ended by what no program can put off.
WatchdogSec=3s
WatchdogSignal=SIGKILL
TimeoutStartSec=5s
TimeoutStopSec=2s
SyslogIdentifier=gw-liveness
Environment=LC_ALL=C
# As the folder is there for others, too, it stays.
RuntimeDirectory=${NGINX_STATE_FOLDER.replace('/run/', '')}
RuntimeDirectoryPreserve=yes
# Ending it would free next to nothing.
OOMScoreAdjust=-900
# Root, to whom the folder of states belongs, but without any of root's rights.
CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectHome=yes
ProtectSystem=strict
ProtectControlGroups=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
RestrictAddressFamilies=AF_INET AF_UNIX
MemoryDenyWriteExecute=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`
}
