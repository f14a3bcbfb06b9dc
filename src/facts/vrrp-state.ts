/** A VRRP instance as keepalived itself tells of it. */
export interface VrrpInstance {
  readonly name: string
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT'
  readonly interface: string
  readonly virtualRouterId: number
  /** As configured, and as it counts now. */
  readonly priority: number
  readonly effectivePriority: number
}

/** keepalived as it tells of itself, and the files by which it is told whether NGINX serves. */
export interface VrrpState {
  readonly instances: readonly VrrpInstance[]
}
