import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { GwError } from '../errors.js'
import { quote } from '../shell/quote.js'
import { whenAborted } from './abort.js'
import type { ConnectionDriver, KeyScanner } from './connection.js'
import { openFailure } from './openssh-diagnosis.js'
import { Master, privateFolder } from './openssh-master.js'
import { asArguments, clientArguments, masterSettings } from './openssh-options.js'
import { OpensshWire } from './openssh-wire.js'
import { WireDriver, type DriverOptions, type OpenWire } from './wire-driver.js'

interface OpensshOptions extends DriverOptions {
  /** ssh_config file to use instead of the user's and the system's; `none` for no file at all. */
  readonly configFile?: string
  /** Folder in which the private folders are made; one for temporary files when absent. */
  readonly folder?: string
}

/** The way through a jump host is a channel of the master that leads there, shared by all targets behind it. */
function wayThrough(via: OpensshWire | null): string[] {
  if (via === null) return []
  const words = ['ssh', ...clientArguments(via.socket), '-W', '[%h]:%p', '--', 'gw']
  return [`ProxyCommand=${words.map(quote).join(' ')}`]
}

function opener({ configFile, folder: parent }: OpensshOptions): OpenWire<OpensshWire> {
  return async (peer, via, timeoutMs, signal) => {
    const settings = [...wayThrough(via), ...masterSettings(peer, timeoutMs)]
    const config = configFile === undefined ? [] : ['-F', configFile]
    const folder = await privateFolder(parent ?? tmpdir())
    if (signal.aborted) await rm(folder, { recursive: true, force: true })
    signal.throwIfAborted()
    const args = [...config, ...asArguments(settings), '--', peer.endpoint.address]
    const master = new Master(folder, args)
    const onAbort = () => void master.close()
    whenAborted(signal, onAbort)
    try {
      if (await master.ready()) return new OpensshWire(peer.endpoint, master)
      const report = await master.report()
      await master.close()
      signal.throwIfAborted()
      throw await openFailure(args, peer, via, report, signal)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

/**
 * Drives the system's `ssh`, for what our own client cannot do: FIDO keys, certificates, ssh_config, post-quantum key
 * exchange. One master a host for the whole run, in a private folder that goes with it.
 * @throws GwError USAGE when there is no `ssh` on this machine
 */
export function createOpensshDriver(options: OpensshOptions): ConnectionDriver & KeyScanner {
  const found = spawnSync('ssh', ['-V'], { stdio: 'ignore' })
  if (found.error !== undefined) {
    throw new GwError('USAGE', 'the openssh driver needs the program ssh, which is not on this machine', {
      nextSteps: [
        'apt-get install openssh-client installs it on Debian.',
        'Or set `driver: ssh2` in the inventory.',
      ],
      cause: found.error,
    })
  }
  return new WireDriver(opener(options), options)
}
