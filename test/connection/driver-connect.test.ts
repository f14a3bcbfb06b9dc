import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { generateKey } from '../fakes/ssh-server.js'
import { driverTest, failure, run } from './ground.js'

describe.each(['ssh2', 'openssh'] as const)('the %s driver', (name) => {
  const it = driverTest(name)

  describe('connecting', () => {
    it('tells a name without an address', async ({ ground, driver }) => {
      const target = ground.target(22, { address: 'no-such-host.invalid' })
      const error = await failure(driver.connect(target, { host: 'gw-1' }), 'NAME_NOT_RESOLVED')
      expect(error.nextSteps.join()).toContain('getent hosts no-such-host.invalid')
    })

    it('tells a port where nothing listens', async ({ connect }) => {
      const unused = createServer().listen(0, '127.0.0.1')
      await once(unused, 'listening')
      const { port } = unused.address() as AddressInfo
      unused.close()
      const error = await failure(connect(port), 'CONNECTION_REFUSED')
      expect(error.message).toContain(`127.0.0.1:${port}`)
    })

    it('gives up on a host that never answers when its time is over', async ({ ground, driver }) => {
      const silent = createServer(() => undefined).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      const target = ground.target(port, { connectTimeoutMs: 300 })
      const error = await failure(driver.connect(target, { host: 'gw-1' }), 'DEADLINE_PASSED')
      expect(error.message).toContain('300 ms')
      silent.close()
    })

    it('stops connecting when the signal fires', async ({ ground, driver }) => {
      const stop = new AbortController()
      const silent = createServer(() => {
        stop.abort()
      }).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      await failure(driver.connect(ground.target(port), { host: 'gw-1', signal: stop.signal }), 'INTERRUPTED')
      await failure(
        driver.connect(ground.target(port), { host: 'gw-1', signal: AbortSignal.abort() }),
        'INTERRUPTED',
      )
      silent.close()
    })

    it('tries again when the host drops connections before authentication', async ({ server, connect }) => {
      server.rules.dropEarly = 2
      const connection = await connect()
      expect((await run(connection, 'echo in')).stdout).toBe('in\n')
    })

    it('gives up when the host drops every one', async ({ server, connect }) => {
      server.rules.dropEarly = 1000
      const error = await failure(connect(), 'CONNECTION_LOST')
      expect(error.message).toContain('before authentication')
    })

    it('starts at most 25 connections at once', async ({ ground, driver, server }) => {
      const wanted = name === 'ssh2' ? 60 : 30
      const target = ground.target(server.port, { connectTimeoutMs: 30_000 })
      const connections = await Promise.all(
        Array.from({ length: wanted }, () => driver.connect(target, { host: 'gw-1' })),
      )
      expect(server.counts.mostStarting).toBeLessThanOrEqual(25)
      await Promise.all(connections.map((connection) => connection.close()))
    }, 30_000)
  })

  describe('host keys', () => {
    it('refuses a host without a known key, and says how to record it', async ({
      ground,
      server,
      connect,
    }) => {
      ground.know()
      const error = await failure(connect(), 'HOST_KEY_UNKNOWN')
      expect(error.message).toContain('SHA256:')
      expect(error.nextSteps.join()).toContain('gw trust lab --limit gw-1')
      expect(server.counts.authentications).toBe(0)
    })

    it('refuses a changed key, shows both and where the old one stands, and authenticates to nobody', async ({
      ground,
      server,
      connect,
    }) => {
      server.setHostKeys(generateKey())
      const error = await failure(connect(), 'HOST_KEY_CHANGED')
      expect(error.frame?.match(/SHA256:\S{43}/g)).toHaveLength(2)
      expect(error.frame).toContain(`${ground.knownHosts}:1`)
      expect(error.nextSteps.join()).toContain(
        `ssh-keygen -R '[127.0.0.1]:${server.port}' -f ${ground.knownHosts}`,
      )
      expect(server.counts.authentications).toBe(0)
    })

    it('refuses a revoked key', async ({ ground, server, connect }) => {
      ground.know(server.knownHostsLine(), `@revoked ${server.knownHostsLine()}`)
      await failure(connect(), 'HOST_KEY_REVOKED')
    })

    it('asks the host for a key of a type that known_hosts has', async ({ ground, server, connect }) => {
      server.setHostKeys(generateKey('ed25519'), generateKey('ecdsa'))
      ground.know(server.knownHostsLine(1))
      expect((await run(await connect(), 'echo in')).stdout).toBe('in\n')
    })

    it('takes a hashed name', async ({ ground, connect }) => {
      execFileSync('ssh-keygen', ['-H', '-f', ground.knownHosts], { stdio: 'ignore' })
      expect((await run(await connect(), 'echo in')).stdout).toBe('in\n')
    })
  })

  describe('authentication', () => {
    it('says who was refused and what was offered', async ({ ground, server, connect }) => {
      server.rules.authentication = 'refuse'
      const error = await failure(connect(), 'AUTHENTICATION_FAILED')
      expect(error.message).toContain(`gw@127.0.0.1:${server.port}`)
      expect(error.message).toContain(ground.identity)
    })

    it('refuses a key that the host does not know', async ({ ground, connect }) => {
      writeFileSync(ground.identity, generateKey().private)
      await failure(connect(), 'AUTHENTICATION_FAILED')
    })

    it('tries identity files in their order', async ({ ground, driver, server }) => {
      const other = join(ground.folder, 'other')
      writeFileSync(other, generateKey().private, { mode: 0o600 })
      const target = ground.target(server.port, { identityFiles: [other, ground.identity] })
      expect((await run(await ground.connect(driver, target), 'echo in')).stdout).toBe('in\n')
    })

    it('uses an agent, for an encrypted key too', async ({ ground, driver, server }) => {
      const agent = join(ground.folder, 'agent')
      const child = spawn('ssh-agent', ['-D', '-a', agent], { stdio: ['ignore', 'pipe', 'ignore'] })
      await once(child.stdout, 'data')
      const environment = { ...process.env, SSH_AUTH_SOCK: agent }
      for (let index = 0; index < 7; index++) {
        const path = join(ground.folder, `more-${index}`)
        writeFileSync(path, generateKey().private, { mode: 0o600 })
        execFileSync('ssh-add', [path], { env: environment, stdio: 'ignore' })
      }
      chmodSync(ground.identity, 0o600)
      execFileSync('ssh-add', [ground.identity], { env: environment, stdio: 'ignore' })
      execFileSync('ssh-keygen', ['-p', '-N', 'secret', '-f', ground.identity], { stdio: 'ignore' })
      const target = ground.target(server.port, { agent })
      expect((await run(await ground.connect(driver, target), 'echo in')).stdout).toBe('in\n')
      child.kill()
      await once(child, 'exit')
    })

    it('keeps escape codes of a hostile host out of the error', async ({ server, connect }) => {
      server.rules.banner = '\u001b]0;owned\u0007\u001b[31mred\u202e\u009b1m\n'
      server.rules.authentication = 'refuse'
      const error = await failure(connect(), 'AUTHENTICATION_FAILED')
      const text = [error.message, error.frame, ...error.nextSteps].join('\n')
      expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u)
    })
  })
})
