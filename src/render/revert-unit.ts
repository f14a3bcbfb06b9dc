import { STATE } from '../model/state-paths.js'

export const REVERT_UNIT = 'gw-revert.service'

/**
 * A unit that takes a release back at boot which nobody confirmed: the host booted before gw saw it serve. NGINX and
 * keepalived come after it and so read the release before.
 */
export function revertUnit(): string {
  const script = `${STATE.trial}/revert`
  return `# Written by gw: changes made here are overwritten by the next deploy.

[Unit]
Description=Take back a release of gw that nobody confirmed
ConditionPathExists=${script}
RequiresMountsFor=${STATE.root}
Before=nginx.service keepalived.service

[Service]
Type=oneshot
ExecStart=/bin/sh ${script} boot
TimeoutStartSec=30s

[Install]
WantedBy=multi-user.target
`
}
