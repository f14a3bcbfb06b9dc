import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { livenessScript } from '../../src/render/liveness/script.js'
import { livenessUnit } from '../../src/render/liveness/unit.js'
import { SYSTEM_FILES } from '../../src/render/system-files.js'

/** The prober run by this machine's perl, strictly, beside a server of the test's own in NGINX's place. */

const WELL = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalive'
const SOON = { timeout: 8000, interval: 20 }
const PERIOD_MS = 20
/** Shorter than a test waits; longer than this machine takes to answer: mostly, when it is busy, and ever. */
const [BRIEF, SOBER, AMPLE] = [100, 500, 4000]

let dir: string
let stateFile: string
let server: FakeNginx
let prober: Prober
let burner: ChildProcess | null

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gw-liveness-'))
  stateFile = join(dir, 'liveness.state')
  writeFileSync(join(dir, 'liveness'), livenessScript())
  server = await FakeNginx.start()
  burner = null
})

afterEach(async () => {
  prober.kill('SIGKILL')
  endGroup(burner)
  await server.close()
  rmSync(dir, { recursive: true })
})

/** Ends a process that was started detached, with all that it started. */
function endGroup(leader: ChildProcess | null): void {
  if (leader?.pid !== undefined) spawnSync('kill', ['-s', 'KILL', '--', `-${leader.pid}`])
}

/** Answers the first requests one by one as `behaviours` say, and all later ones as the last of them. */
class FakeNginx {
  requests = 0
  behaviours: ((socket: Socket) => void)[] = [says(WELL)]
  readonly #sockets = new Set<Socket>()
  readonly #server: Server = createServer((socket) => {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      this.requests += 1
      const behaviour = this.behaviours.length > 1 ? this.behaviours.shift() : this.behaviours[0]
      behaviour?.(socket)
    })
  })

  static async start(): Promise<FakeNginx> {
    const fake = new FakeNginx()
    fake.#server.listen(0, '127.0.0.1')
    await once(fake.#server, 'listening')
    return fake
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Waits for so many more requests than there were. */
  async hears(more: number): Promise<void> {
    const wanted = this.requests + more
    await expect.poll(() => this.requests, SOON).toBeGreaterThanOrEqual(wanted)
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }
}

function says(text: string): (socket: Socket) => void {
  return (socket) => socket.end(text)
}

function isSilent(): void {
  // The connection stays as it is.
}

class Prober {
  said = ''
  readonly #child: ChildProcess
  readonly ended: Promise<unknown>

  constructor(patienceMs: number, port = server.port) {
    const words = [port, '/alive', stateFile, join(dir, 'nginx.pid'), PERIOD_MS, patienceMs].map(String)
    const perl = ['-Mstrict', '-Mwarnings', join(dir, 'liveness'), ...words]
    const env = { ...process.env, LC_ALL: 'C', NOTIFY_SOCKET: undefined }
    this.#child = spawn('perl', perl, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.said += text))
    this.ended = once(this.#child, 'close')
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  get lines(): string[] {
    return this.said.split('\n').slice(0, -1)
  }
}

function state(): string {
  return readFileSync(stateFile, 'utf8')
}

async function expectState(wanted: '0' | '1'): Promise<void> {
  await expect
    .poll(() => spawnSync('cat', [stateFile], { encoding: 'utf8' }).stdout, SOON)
    .toBe(`${wanted}\n`)
}

async function expectHangs(why: string): Promise<void> {
  await expectState('1')
  await expect.poll(() => prober.lines, SOON).toEqual([`<4>${why}, 2 times in a row`])
}

/** For so many requests more nothing is told. */
async function expectContent(requests: number): Promise<void> {
  await server.hears(requests)
  expect([state(), prober.said]).toEqual(['0\n', ''])
}

describe('the prober is content with an NGINX', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['that answers', says(WELL)],
    ['that takes its time', (socket) => void pass(60).then(() => socket.end(WELL))],
    [
      'whose answer comes in pieces',
      (socket) => {
        socket.setNoDelay(true)
        void Array.from(WELL).reduce(
          (before, sign) => before.then(() => void socket.write(sign)).then(() => pass(1)),
          Promise.resolve(),
        )
      },
    ],
    ['that has no connection left', (socket) => socket.destroy()],
    ['that ends without a word', (socket) => socket.end()],
  ])('%s', async (_title, behaviour) => {
    server.behaviours = [behaviour]
    prober = new Prober(AMPLE)
    await expectContent(7)
  })

  it('that is silent now and then, but never twice in a row', async () => {
    server.behaviours = [
      isSilent,
      says(WELL),
      isSilent,
      says(WELL),
      says('HTTP/1.1 500 no\r\n\r\n'),
      says(WELL),
    ]
    prober = new Prober(1000)
    await expectContent(9)
  })

  it('that computes for longer than an answer may take, and not with one that only hangs', async () => {
    burner = spawn('sh', ['-c', 'while :; do :; done & echo; wait'], { detached: true })
    await once(burner.stdout ?? burner, 'data')
    writeFileSync(join(dir, 'nginx.pid'), `${burner.pid ?? 0}\n`)
    const slow = (socket: Socket): void => void pass(4 * BRIEF).then(() => socket.end(WELL))
    server.behaviours = [slow]
    prober = new Prober(BRIEF)
    await expectContent(4)
    spawnSync('kill', ['-s', 'STOP', '--', `-${burner.pid ?? 0}`])
    await expectState('1')
  })
})

describe('the prober tells of an NGINX', () => {
  const silence = `NGINX hangs: no answer within ${BRIEF} ms`
  const other = 'other'
  it.each<[string, (socket: Socket) => void, string]>([
    ['that is silent', isSilent, silence],
    ['that begins an answer and does not go on', (socket) => socket.write('HTTP/1.1 200'), silence],
    ['that answers 503', says('HTTP/1.1 503 Service Unavailable\r\n\r\n'), other],
    ['that leads elsewhere', says('HTTP/1.1 301 Moved Permanently\r\nLocation: /\r\n\r\n'), other],
    ['that answers 2000', says('HTTP/1.1 2000 OK\r\n\r\n'), other],
    ['that breaks off', says('HTTP/1.1 200'), other],
    ['that is none', says('\u001b[2J220 mail.example ESMTP\r\n'), other],
  ])('%s', async (_title, behaviour, why) => {
    prober = new Prober(why === other ? AMPLE : BRIEF)
    await server.hears(1)
    server.behaviours = [behaviour]
    await expectHangs(why === other ? `what listens on port ${server.port} does not answer 200` : why)
  })

  it('once, and again when three answers in a row were good', async () => {
    server.behaviours = [isSilent]
    prober = new Prober(SOBER)
    await expectHangs(`NGINX hangs: no answer within ${SOBER} ms`)
    server.behaviours = [says(WELL), says(WELL), isSilent, isSilent]
    await server.hears(5)
    expect(state()).toBe('1\n')
    server.behaviours = [says(WELL)]
    await expectState('0')
    await expect.poll(() => prober.lines.at(-1), SOON).toBe('NGINX answers again')
    expect(prober.lines).toHaveLength(2)
  })
})

describe('the prober has no opinion', () => {
  it('where nobody listens, neither at its start nor later', async () => {
    const { port } = server
    server.behaviours = [isSilent]
    prober = new Prober(BRIEF)
    await expectHangs(`NGINX hangs: no answer within ${BRIEF} ms`)
    await server.close()
    await expectState('0')
    await expect.poll(() => prober.lines.at(-1), SOON).toBe(`nobody listens on port ${port} any more`)
    prober.kill('SIGKILL')
    writeFileSync(stateFile, '1\n')
    prober = new Prober(BRIEF, port)
    await expectState('0')
    expect(prober.said).toBe('')
  })

  it('where this host cannot even begin to ask', async () => {
    // Nothing connects to a broadcast address, whatever listens there.
    writeFileSync(join(dir, 'liveness'), livenessScript().replace('127, 0, 0, 1', '127, 255, 255, 255'))
    prober = new Prober(BRIEF)
    await expectState('0')
    await pass(20 * PERIOD_MS)
    expect([state(), prober.said]).toEqual(['0\n', ''])
  })

  it('of an answer that it was held up for itself', async () => {
    const stopped = (): void => {
      prober.kill('SIGSTOP')
    }
    server.behaviours = [stopped, isSilent, says(WELL)]
    prober = new Prober(1000)
    await server.hears(1)
    // As long as an answer may take, and as late as it may be noticed.
    await pass(1300)
    prober.kill('SIGCONT')
    await expectContent(4)
  })
})

describe('the file of the state', () => {
  it('is written over, so that it is never empty', async () => {
    writeFileSync(stateFile, 'x\nrest\n')
    const { ino } = statSync(stateFile)
    prober = new Prober(BRIEF)
    await expect.poll(state, SOON).toBe('0\nrest\n')
    server.behaviours = [isSilent]
    await expect.poll(state, SOON).toBe('1\nrest\n')
    expect(statSync(stateFile).ino).toBe(ino)
  })

  it('is made again when somebody took it away', async () => {
    prober = new Prober(BRIEF)
    await server.hears(2)
    rmSync(stateFile)
    server.behaviours = [isSilent]
    await expectState('1')
  })

  it('is written again when somebody else wrote into it', async () => {
    prober = new Prober(AMPLE)
    await server.hears(1)
    writeFileSync(stateFile, '1\n')
    await expectState('0')
    expect(prober.said).toBe('')
  })

  it('is what the prober ends for when it cannot be written', async () => {
    stateFile = join(dir, 'nowhere/liveness.state')
    prober = new Prober(BRIEF)
    expect(await prober.ended).not.toEqual([0, null])
    expect(prober.said).toBe(`${stateFile}: No such file or directory\n`)
  })
})

describe('the unit of the prober', () => {
  it('starts the script with as many words as it takes, in their order', () => {
    const words = /^ExecStart=(.*)$/m.exec(livenessUnit())?.[1]
    expect(words).toBe('/usr/local/lib/gw/liveness 8079 /alive /run/gw/liveness.state /run/nginx.pid 100 200')
    expect(SYSTEM_FILES.livenessScript).toMatchObject({ path: words?.split(' ')[0], mode: '0755' })
  })
})
