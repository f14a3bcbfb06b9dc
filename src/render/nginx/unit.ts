import { NGINX_STATE_FILE } from '../keepalived/configuration.js'

/**
 * A drop-in for nginx.service. By it the unit itself tells keepalived whether NGINX serves: measured, that moves the
 * virtual IP in about 10 ms, where a script check needs up to a second. The state is told before NGINX is asked to stop.
 */
export function nginxUnitDropIn(): string {
  return `# Written by gw: changes made here are overwritten by the next deploy.

[Unit]
# An NGINX that crashed is started again once a second, for as long as it takes: a full disk or a taken port may pass.
# The peer has the virtual IP meanwhile. One that was stopped (systemctl stop, nginx -s quit) stays stopped.
StartLimitIntervalSec=0

[Service]
Restart=on-failure
RestartSec=1s
# The master replaces a worker that the kernel killed for its memory; there is no need to stop the others.
OOMPolicy=continue
# Enough for worker_rlimit_nofile of nginx.conf.
LimitNOFILE=65535

# Tells keepalived whether NGINX serves (0) or not (1): once it listens; before it is asked to stop, so that the virtual
# IP moves while it still answers; and whenever it has ended, crashed or could not start. Written over and not anew (1<>):
# the file is never empty, which keepalived would take for 0.
ExecStartPost=/bin/sh -c 'echo 0 1<>${NGINX_STATE_FILE}'
ExecStop=
ExecStop=/bin/sh -c 'echo 1 1<>${NGINX_STATE_FILE}'
ExecStop=-/sbin/start-stop-daemon --quiet --stop --retry QUIT/5 --pidfile /run/nginx.pid
ExecStopPost=/bin/sh -c 'echo 1 1<>${NGINX_STATE_FILE}'
`
}
