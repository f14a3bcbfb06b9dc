import { describe, expect } from 'vitest'
import { driverTest, failure, onceStarted, run, STARTED } from './ground.js'

describe.each(['ssh2', 'openssh'] as const)('the %s driver', (name) => {
  const it = driverTest(name)

  describe('running commands', () => {
    it('gives the output, the errors and the exit code of a command', async ({ connect }) => {
      const connection = await connect()
      const ran = await run(connection, 'echo out; echo err >&2; exit 7')
      expect(ran).toEqual({ exitCode: 7, signal: null, stdout: 'out\n', stderr: 'err\n' })
    })

    it('gives every exit code as it is, 255 too', async ({ connect }) => {
      const connection = await connect()
      for (const code of [0, 1, 126, 127, 254, 255]) {
        expect((await run(connection, `exit ${code}`)).exitCode).toBe(code)
      }
    })

    it('gives the exit code of a command whose whole end comes with its beginning', async ({
      server,
      connect,
    }) => {
      const connection = await connect()
      server.rules.instantExit = 7
      for (let times = 0; times < 5; times += 1) expect((await run(connection, 'exit')).exitCode).toBe(7)
    })

    it('tells a death by signal, as far as the way there lets it', async ({ connect }) => {
      const connection = await connect()
      const { exitCode, signal } = await run(connection, 'kill -9 $$')
      expect([exitCode, signal]).toEqual(name === 'ssh2' ? [null, 'SIGKILL'] : [255, null])
    })

    it('takes at most 10 round trips and 10 KB up for a connection and a command of 4 KB', async ({
      relay,
      connect,
    }) => {
      // With a long way, what is sent in one go is counted in one go, however the pieces of both sides cross here.
      relay.rules.delayMs = 100
      await run(await connect(relay.port), 'cat >/dev/null; echo done', { input: 'x'.repeat(4096) })
      expect(relay.counts.connections).toBe(1)
      // A round trip is a change of direction there and back; the last message of all has no answer.
      expect(Math.floor(relay.counts.directionChanges / 2)).toBeLessThanOrEqual(10)
      expect(relay.counts.bytesUp).toBeLessThanOrEqual(10_000)
    })

    it('carries every byte of the input and of the output', async ({ connect }) => {
      const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 256))
      const connection = await connect()
      const chunks: Uint8Array[] = []
      await run(connection, 'cat', { input: bytes, onStdout: (chunk) => chunks.push(chunk) })
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    })

    it('sends input in pieces, each when it comes', async ({ connect }) => {
      const connection = await connect()
      let prompted: () => void = () => undefined
      const prompt = new Promise<void>((resolve) => (prompted = resolve))
      async function* answers() {
        yield Buffer.from('one\n')
        await prompt
        yield Buffer.from('two\n')
      }
      const seen: string[] = []
      const onStdout = (chunk: Uint8Array) => {
        seen.push(Buffer.from(chunk).toString())
        prompted()
      }
      await run(connection, 'read a; echo "first $a"; read b; echo "second $b"; cat', {
        input: answers(),
        onStdout,
      })
      expect(seen.join('')).toBe('first one\nsecond two\n')
    })

    it('does not mind a command that leaves its input unread', async ({ connect }) => {
      const connection = await connect()
      const ran = await run(connection, 'exec 0<&-; exit 3', { input: 'x'.repeat(4_000_000) })
      expect(ran.exitCode).toBe(3)
    })

    it('runs many commands on one connection, eight at once and the others in turn', async ({
      server,
      connect,
    }) => {
      const connection = await connect()
      const ran = await Promise.all(
        Array.from({ length: 20 }, (_, index) => run(connection, `echo ${index}`)),
      )
      expect(ran.map((one) => one.stdout)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}\n`))
      expect(server.counts.connections).toBe(1)
      expect(connection.traffic.channels).toBe(20)
    })

    it('warns of no leak, however many commands and hosts share a signal', async ({
      ground,
      driver,
      server,
    }) => {
      const warnings: Error[] = []
      const onWarning = (warning: Error) => warnings.push(warning)
      process.on('warning', onWarning)
      const { signal } = new AbortController()
      const to = ground.target(server.port)
      const connections = await Promise.all(
        Array.from({ length: 12 }, () => driver.connect(to, { host: 'gw-1', signal })),
      )
      await Promise.all(connections.flatMap((each) => [1, 2].map(() => run(each, 'true', { signal }))))
      await Promise.all(connections.map((each) => each.close()))
      process.off('warning', onWarning)
      expect(warnings).toEqual([])
    })

    it('makes do with fewer channels when the host allows fewer', async ({ server, connect }) => {
      server.rules.maxSessions = 2
      const connection = await connect()
      const ran = await Promise.all(
        Array.from({ length: 9 }, (_, index) => run(connection, `sleep 0.02; echo ${index}`)),
      )
      expect(ran.map((one) => one.exitCode)).toEqual(Array.from({ length: 9 }, () => 0))
    })

    it('says so when the host allows no channel at all', async ({ server, connect }) => {
      server.rules.maxSessions = 0
      const connection = await connect()
      const error = await failure(run(connection, 'true'), 'CONNECTION_LOST')
      expect(error.nextSteps.join()).toContain('MaxSessions')
    })

    it('counts what it sends and receives', async ({ connect }) => {
      const connection = await connect()
      await run(connection, 'cat', { input: 'twelve bytes' })
      expect(connection.traffic).toEqual({ channels: 1, bytesSent: 'cat'.length + 12, bytesReceived: 12 })
    })
  })

  describe('ending commands', () => {
    it('ends a command at its deadline and leaves the connection usable', async ({ connect }) => {
      const connection = await connect()
      const error = await failure(run(connection, 'sleep 60', { deadlineMs: 150 }), 'DEADLINE_PASSED')
      expect(error.message).toContain('150 ms')
      expect((await run(connection, 'echo still here')).stdout).toBe('still here\n')
    })

    it('ends a command that prints more than it may, and the next one is not touched', async ({
      connect,
    }) => {
      const connection = await connect()
      let received = 0
      const flood = run(connection, 'yes', {
        maxOutputBytes: 1_000_000,
        onStdout: (chunk) => (received += chunk.length),
      })
      await failure(flood, 'OUTPUT_TOO_LARGE')
      expect(received).toBeLessThanOrEqual(1_000_000)
      expect((await run(connection, 'echo still here')).stdout).toBe('still here\n')
    })

    it('ends a command when its signal fires, and one that waits for its turn, too', async ({ connect }) => {
      const connection = await connect()
      const stop = new AbortController()
      const onStdout = onceStarted(() => {
        stop.abort()
      })
      const running = Array.from({ length: 9 }, () =>
        run(connection, `${STARTED}sleep 60`, { signal: stop.signal, onStdout }),
      )
      await Promise.all(running.map((one) => failure(one, 'INTERRUPTED')))
      expect((await run(connection, 'echo still here')).stdout).toBe('still here\n')
    })

    it('tells the source of the input to return when the command ends first', async ({ connect }) => {
      const connection = await connect()
      let returned: () => void = () => undefined
      const over = new Promise<void>((resolve) => (returned = resolve))
      const input: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<never>(() => undefined),
          return: () => {
            returned()
            return Promise.resolve({ done: true, value: undefined })
          },
        }),
      }
      expect((await run(connection, 'exit 4', { input })).exitCode).toBe(4)
      await over
    })

    it('reports a lost connection to every command on it, soon', async ({ server, connect }) => {
      const connection = await connect()
      const onStdout = onceStarted(() => {
        server.dropConnections()
      })
      const running = [1, 2, 3].map(() => run(connection, `${STARTED}sleep 60`, { onStdout }))
      for (const one of running) await failure(one, 'CONNECTION_LOST')
      await failure(run(connection, 'true'), 'CONNECTION_LOST')
    })

    it('never takes a cut output for a whole one, wherever the stream is cut', async ({ relay, connect }) => {
      for (const bytes of [20_000, 200_000, 900_000]) {
        relay.rules.cutAfterBytes = bytes
        const connection = await connect(relay.port)
        await failure(run(connection, 'head -c 2000000 /dev/zero'), 'CONNECTION_LOST')
        await connection.close()
      }
    })

    it('closes at once, twice if need be, and ends what runs', async ({ server, connect }) => {
      const connection = await connect()
      let closed: Promise<void> | undefined
      const onStdout = onceStarted(() => {
        closed = connection.close()
      })
      await failure(run(connection, `${STARTED}sleep 60`, { onStdout }), 'CONNECTION_LOST')
      await closed
      await connection.close()
      await expect.poll(() => server.open).toBe(0)
    })

    it('closes although the network swallows everything', async ({ relay, connect }) => {
      const connection = await connect(relay.port)
      relay.rules.blackHole = true
      await failure(run(connection, 'true', { deadlineMs: 100 }), 'DEADLINE_PASSED')
      const begin = performance.now()
      await connection.close()
      expect(performance.now() - begin).toBeLessThan(2000)
    })
  })
})
