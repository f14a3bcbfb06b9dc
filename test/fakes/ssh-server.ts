import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2'

/** How the server behaves; tests change it while it runs. */
export interface ServerRules {
  /** So many connections more are closed before the server says a word, as sshd's MaxStartups does. */
  dropEarly: number
  authentication: 'accept' | 'refuse'
  /** Sessions at once on a connection, as sshd's MaxSessions. */
  maxSessions: number
  /** As sshd's AllowTcpForwarding; looked at when a connection is made. */
  forwarding: boolean
  /** Commands do not run but end at once with this exit code, all of it said in one piece. */
  instantExit: number | null
  /** Text that an authentication failure is preceded by. */
  banner: string | undefined
}

export interface ServerCounts {
  connections: number
  authentications: number
  channels: number
  /** Connections that are not yet authenticated, now and at most. */
  starting: number
  mostStarting: number
}

/** A new key pair: the private half as ssh-keygen writes it, the public one as in authorized_keys. */
export function generateKey(type: 'ed25519' | 'ecdsa' = 'ed25519'): { private: string; public: string } {
  for (;;) {
    const pair =
      type === 'ed25519'
        ? ssh2.utils.generateKeyPairSync('ed25519')
        : ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    // The library drops a leading zero byte from one key in 256, and then nobody can read it.
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}

/**
 * An SSH server in this process whose commands really run, by /bin/sh in a folder of their own. It takes any user who
 * has one of the authorized keys.
 */
export class FakeSshServer {
  readonly rules: ServerRules = {
    dropEarly: 0,
    authentication: 'accept',
    maxSessions: 10,
    forwarding: true,
    instantExit: null,
    banner: undefined,
  }
  readonly counts: ServerCounts = {
    connections: 0,
    authentications: 0,
    channels: 0,
    starting: 0,
    mostStarting: 0,
  }
  readonly folder = mkdtempSync(join(tmpdir(), 'gw-fake-host-'))
  #hostKeys: { private: string; public: string }[] = [generateKey()]
  readonly #sockets = new Set<Socket>()
  readonly #children = new Set<ChildProcess>()
  readonly #listener: TcpServer

  private constructor(private readonly authorized: readonly string[]) {
    this.#listener = createServer((socket) => {
      this.#welcome(socket)
    })
  }

  /** @param authorized public keys in the form of authorized_keys */
  static async start(authorized: readonly string[]): Promise<FakeSshServer> {
    const server = new FakeSshServer(authorized)
    server.#listener.listen(0, '127.0.0.1')
    await once(server.#listener, 'listening')
    return server
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size
  }

  /** The line of known_hosts for a host key of this server. */
  knownHostsLine(index = 0): string {
    const [type = '', key = ''] = (this.#hostKeys[index]?.public ?? '').split(' ')
    return `[127.0.0.1]:${this.port} ${type} ${key}`
  }

  setHostKeys(...keys: { private: string; public: string }[]): void {
    this.#hostKeys = keys
  }

  /** Cuts all connections as a failing network does, without a word. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.dropConnections()
    for (const child of this.#children) kill(child)
    this.#listener.close()
    await once(this.#listener, 'close')
    rmSync(this.folder, { recursive: true, force: true })
  }

  #welcome(socket: Socket): void {
    this.counts.connections++
    if (this.rules.dropEarly > 0) {
      this.rules.dropEarly--
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
    const { banner } = this.rules
    const settings = {
      hostKeys: this.#hostKeys.map((key) => key.private),
      ...(banner === undefined ? {} : { banner }),
    }
    const server = new ssh2.Server(settings)
    server.on('connection', (connection: Connection) => {
      this.#serve(connection, socket)
    })
    server.injectSocket(socket)
  }

  #serve(connection: Connection, socket: Socket): void {
    this.counts.starting++
    this.counts.mostStarting = Math.max(this.counts.mostStarting, this.counts.starting)
    let starting = true
    const started = () => {
      if (starting) this.counts.starting--
      starting = false
    }
    socket.once('close', started)
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      this.#authenticate(context)
    })
    connection.on('ready', started)
    let sessions = 0
    connection.on('session', (accept, reject) => {
      if (sessions >= this.rules.maxSessions) {
        reject()
        return
      }
      sessions++
      let counted = true
      this.#session(accept(), socket, () => {
        if (counted) sessions--
        counted = false
      })
    })
    if (this.rules.forwarding) connection.on('tcpip', forward)
  }

  #authenticate(context: AuthContext): void {
    this.counts.authentications++
    if (
      this.rules.authentication === 'accept' &&
      context.method === 'publickey' &&
      this.#isAuthorized(context)
    ) {
      context.accept()
    } else context.reject(['publickey', 'password'])
  }

  #isAuthorized(context: Extract<AuthContext, { method: 'publickey' }>): boolean {
    return this.authorized.some((line) => {
      const key = ssh2.utils.parseKey(line)
      if (key instanceof Error || !key.getPublicSSH().equals(context.key.data)) return false
      const { signature, blob, hashAlgo } = context
      return signature === undefined || blob === undefined || key.verify(blob, signature, hashAlgo)
    })
  }

  #session(session: Session, socket: Socket, ended: () => void): void {
    let child: ChildProcess | null = null
    session.on('signal', (_accept, _reject, info) => {
      if (child !== null) kill(child, `SIG${info.name}` as NodeJS.Signals)
    })
    session.on('exec', (accept, _reject, info) => {
      this.counts.channels++
      if (this.rules.instantExit !== null) {
        socket.cork()
        const channel = accept()
        channel.exit(this.rules.instantExit)
        channel.end()
        setImmediate(() => {
          socket.uncork()
        })
        return
      }
      child = this.#run(info.command, accept(), ended)
    })
  }

  #run(command: string, channel: ServerChannel, ended: () => void): ChildProcess {
    const child = spawn('/bin/sh', ['-c', command], { cwd: this.folder, detached: true })
    this.#children.add(child)
    child.stdin.on('error', () => undefined)
    channel.on('error', () => undefined)
    channel.pipe(child.stdin)
    child.stdout.pipe(channel, { end: false })
    child.stderr.pipe(channel.stderr, { end: false })
    child.once('close', (code, signal) => {
      this.#children.delete(child)
      ended()
      if (signal === null) channel.exit(code ?? 0)
      else channel.exit(signal.replace(/^SIG/, ''), false, '')
      channel.end()
    })
    channel.once('close', () => {
      ended()
      // As sshd: the command is not killed, but nobody reads what it prints.
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
    })
    return child
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It is gone already.
  }
}

function forward(
  accept: () => ServerChannel,
  reject: () => void,
  info: { destIP: string; destPort: number },
): void {
  const socket = connect({ host: info.destIP, port: info.destPort, noDelay: true })
  const refuse = () => {
    reject()
  }
  socket.once('error', refuse)
  socket.once('connect', () => {
    socket.off('error', refuse)
    const channel = accept()
    const end = () => {
      socket.destroy()
      channel.close()
    }
    socket.on('error', end)
    socket.on('close', end)
    channel.on('close', end)
    channel.pipe(socket).pipe(channel)
  })
}
