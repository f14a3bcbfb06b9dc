import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOpensshDriver } from '../../src/connection/openssh-driver.js'
import type { FakeSshServer } from '../fakes/ssh-server.js'
import { failure, Ground, run } from './ground.js'

describe('the openssh driver with an ssh_config', () => {
  let ground: Ground
  let server: FakeSshServer

  beforeEach(async () => {
    ground = new Ground()
    server = await ground.server()
    ground.know(server.knownHostsLine())
  })

  afterEach(() => ground.clear())

  function driver(config: string) {
    const configFile = join(ground.folder, 'config')
    writeFileSync(configFile, config)
    return createOpensshDriver({ environment: 'lab', random: () => 0, folder: ground.folder, configFile })
  }

  it('goes where ssh_config says that a name is', async () => {
    const target = ground.target(server.port, { address: 'by-alias' })
    const connection = await ground.connect(driver('Host by-alias\n  HostName 127.0.0.1\n'), target)
    expect((await run(connection, 'echo in')).stdout).toBe('in\n')
  })

  it('judges the key of the host that ssh_config names', async () => {
    ground.know()
    const target = ground.target(server.port, { address: 'by-alias' })
    const connecting = driver('Host by-alias\n  HostName 127.0.0.1\n').connect(target, { host: 'gw-1' })
    await failure(connecting, 'HOST_KEY_UNKNOWN')
  })

  it('does not blame the name or the network when a program of the user’s was to lead there', async () => {
    const target = ground.target(server.port, { address: 'behind-a-program' })
    const connecting = driver('ProxyCommand false\n').connect(target, { host: 'gw-1' })
    const error = await failure(connecting, 'CONNECTION_LOST')
    expect(error.message).toContain('behind-a-program')
  })

  it('is not talked into trusting a host by it', async () => {
    ground.know()
    const config = 'StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nForwardAgent yes\n'
    await failure(driver(config).connect(ground.target(server.port), { host: 'gw-1' }), 'HOST_KEY_UNKNOWN')
    expect(server.counts.authentications).toBe(0)
  })
})
