import type { DriverName, Host } from '../model/host.js'
import type { ConnectionDriver, KeyScanner } from './connection.js'
import type { DriverOptions } from './wire-driver.js'

/** The drivers of a run as one driver: each host is reached by the one that its inventory names. */
export interface Drivers extends ConnectionDriver {
  /** The driver that the inventory names for the host. */
  driverFor(host: Host): ConnectionDriver & KeyScanner
}

/**
 * Makes the drivers of a run: one instance of each, shared by all hosts, whose libraries are loaded when the first host
 * needs them.
 */
export function createDrivers(options: DriverOptions): Drivers {
  const lazy = {
    ssh2: lazyDriver(async () => (await import('./ssh2-driver.js')).createSsh2Driver(options)),
    openssh: lazyDriver(async () => (await import('./openssh-driver.js')).createOpensshDriver(options)),
  } satisfies Record<DriverName, ConnectionDriver & KeyScanner>
  return {
    connect: (target, connectOptions) => lazy[target.driver].connect(target, connectOptions),
    driverFor: (host) => lazy[host.connection.driver],
  }
}

function lazyDriver(load: () => Promise<ConnectionDriver & KeyScanner>): ConnectionDriver & KeyScanner {
  let loaded: ReturnType<typeof load> | null = null
  const driver = () => (loaded ??= load())
  return {
    connect: async (target, options) => (await driver()).connect(target, options),
    scan: async (chain, timeoutMs, options) => (await driver()).scan(chain, timeoutMs, options),
  }
}
