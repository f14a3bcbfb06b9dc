import { readdirSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { driverTest, failure, onceStarted, run, STARTED } from './ground.js'

describe.each(['ssh2', 'openssh'] as const)('the %s driver and jump hosts', (name) => {
  const it = driverTest(name)

  it('shares one connection to the jump host among all targets behind it, and closes it with the last', async ({
    ground,
    driver,
    server,
  }) => {
    const target = await ground.server()
    ground.know(server.knownHostsLine(), target.knownHostsLine())
    const through = ground.target(target.port, { jump: [ground.target(server.port)] })
    const connections = await Promise.all([1, 2, 3].map(() => driver.connect(through, { host: 'gw-1' })))
    for (const connection of connections) expect((await run(connection, 'echo in')).stdout).toBe('in\n')
    expect([server.counts.connections, target.counts.connections]).toEqual([1, 3])
    await Promise.all(connections.map((connection) => connection.close()))
    await expect.poll(() => server.open + target.open).toBe(0)
  })

  it('goes through two of them', async ({ ground, driver, server }) => {
    const [second, target] = [await ground.server(), await ground.server()]
    ground.know(server.knownHostsLine(), second.knownHostsLine(), target.knownHostsLine())
    const jump = [ground.target(server.port), ground.target(second.port)]
    const connection = await ground.connect(driver, ground.target(target.port, { jump }))
    expect((await run(connection, 'echo in')).stdout).toBe('in\n')
  })

  it('verifies the key of each hop by its own name', async ({ ground, driver, server }) => {
    const target = await ground.server()
    const through = ground.target(target.port, { jump: [ground.target(server.port)] })
    ground.know(target.knownHostsLine())
    const hop = await failure(driver.connect(through, { host: 'gw-1' }), 'HOST_KEY_UNKNOWN')
    expect(hop.message).toContain(`the jump host gw@127.0.0.1:${server.port}`)
    expect(target.counts.connections).toBe(0)
    ground.know(server.knownHostsLine())
    const end = await failure(driver.connect(through, { host: 'gw-1' }), 'HOST_KEY_UNKNOWN')
    expect(end.message).toContain(`of gw@127.0.0.1:${target.port}`)
    expect(target.counts.authentications).toBe(0)
    await expect.poll(() => server.open).toBe(0)
  })

  it('says so when the jump host does not forward', async ({ ground, driver, server }) => {
    const target = await ground.server()
    ground.know(server.knownHostsLine(), target.knownHostsLine())
    server.rules.forwarding = false
    const through = ground.target(target.port, { jump: [ground.target(server.port)] })
    const error = await failure(driver.connect(through, { host: 'gw-1' }), 'CONNECTION_REFUSED')
    expect(error.message).toContain('does not allow TCP forwarding')
    expect(error.nextSteps.join()).toContain('AllowTcpForwarding')
  })

  it('reports the loss of the jump host to a target behind it', async ({ ground, driver, server }) => {
    const target = await ground.server()
    ground.know(server.knownHostsLine(), target.knownHostsLine())
    const through = ground.target(target.port, { jump: [ground.target(server.port)] })
    const connection = await ground.connect(driver, through)
    const onStdout = onceStarted(() => {
      server.dropConnections()
    })
    await failure(run(connection, `${STARTED}sleep 60`, { onStdout }), 'CONNECTION_LOST')
    const again = await ground.connect(driver, through)
    expect((await run(again, 'echo in')).stdout).toBe('in\n')
  })

  it('leaves no folder behind', async ({ ground, driver, server, connect }) => {
    const folders = () => readdirSync(ground.folder).filter((entry) => entry.startsWith('gw-ssh-')).length
    const target = await ground.server()
    ground.know(server.knownHostsLine(), target.knownHostsLine())
    const connection = await ground.connect(
      driver,
      ground.target(target.port, { jump: [ground.target(server.port)] }),
    )
    expect(folders()).toBe(name === 'openssh' ? 2 : 0)
    await connection.close()
    expect(folders()).toBe(0)
    server.rules.authentication = 'refuse'
    await failure(connect(), 'AUTHENTICATION_FAILED')
    expect(folders()).toBe(0)
  })
})
