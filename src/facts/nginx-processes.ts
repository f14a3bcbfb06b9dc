/** A process whose name is nginx. */
export interface NginxProcess {
  readonly pid: number
  readonly parent: number
  /** By its title; `draining` is a worker that takes no new connections, `helper` a cache manager or loader. */
  readonly role: 'master' | 'worker' | 'draining' | 'helper' | 'other'
  /** A letter as the kernel has it: R, S, D, T (stopped by a signal), Z (dead) and so on. */
  readonly state: string
  /** How long it has run, in seconds with fractions. */
  readonly ageSeconds: number
}

/** NGINX as the kernel sees it. */
export interface NginxProcesses {
  /** What /run/nginx.pid holds; null without the file or without a number in it. */
  readonly pidFile: number | null
  readonly processes: readonly NginxProcess[]
  /** Processors that are online: what `worker_processes auto` means. */
  readonly processors: number
  /** The word of `worker_processes` in the published nginx.conf; null when it has none. */
  readonly workerProcesses: string | null
  /** The seconds of `worker_shutdown_timeout` there; null when it has none. */
  readonly shutdownSeconds: number | null
}
