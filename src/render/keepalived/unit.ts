/**
 * A drop-in for keepalived.service. A keepalived that was killed leaves the virtual IP behind on its host, so that two
 * hosts have it until one runs there again; the distribution's unit would leave it dead.
 */
export function keepalivedUnitDropIn(): string {
  return `# Written by gw: changes made here are overwritten by the next deploy.

[Unit]
# One that was killed left the virtual IP on this host while the peer took it over: only a keepalived that starts again
# takes it off. So it is started again for as long as it takes.
StartLimitIntervalSec=0

[Service]
Restart=on-failure
RestartSec=100ms
`
}
