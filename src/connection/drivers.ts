import type { DriverName } from '../model/host.js'
import type { ConnectionDriver } from './connection.js'
import type { DriverOptions, KeyScanner } from './driver.js'

type Driver = ConnectionDriver & KeyScanner

/**
 * Every host by the driver that its inventory names. A driver's libraries are loaded when the first host needs it, and
 * one instance of each serves the whole run.
 */
export function createDrivers(options: DriverOptions): ConnectionDriver & { scannerFor: ScannerFor } {
  const loaded = new Map<DriverName, Promise<Driver>>()
  const driver = (name: DriverName): Promise<Driver> => {
    const made = loaded.get(name) ?? load(name, options)
    loaded.set(name, made)
    return made
  }
  return {
    connect: async (target, connectOptions) => (await driver(target.driver)).connect(target, connectOptions),
    scannerFor: driver,
  }
}

/** The scanner that goes the same way as the driver of that name. */
export type ScannerFor = (name: DriverName) => Promise<KeyScanner>

async function load(name: DriverName, options: DriverOptions): Promise<Driver> {
  switch (name) {
    case 'ssh2':
      return (await import('./ssh2-driver.js')).createSsh2Driver(options)
    case 'openssh':
      return (await import('./openssh-driver.js')).createOpensshDriver(options)
  }
}
