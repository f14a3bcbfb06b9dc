import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** As much of a packet as the beginning of a TLS connection needs, in bytes. */
const SNAP_BYTES = 1024
const BUFFER_KIB = 32_768

interface Captured<Result> {
  readonly result: Result
  /** What a file of tcpdump has. */
  readonly capture: Buffer
}

/**
 * What went over the bridge of a lab, from and to port 443 of an address, while work was done.
 * @throws Error when packets were lost
 */
export async function capturedDuring<Result>(
  { name, address }: { readonly name: string; readonly address: string },
  work: () => Promise<Result>,
): Promise<Captured<Result>> {
  const flags = ['-i', await bridgeOf(name), '-s', SNAP_BYTES, '-B', BUFFER_KIB, '-w', '-'].map(String)
  const child = spawn('tcpdump', [...flags, `tcp port 443 and host ${address}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in a terminal ends the work first.
    detached: true,
  })
  const ended = once(child, 'close')
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  const lines = createInterface(child.stderr)
  const said: string[] = []
  lines.on('line', (line) => said.push(line))
  try {
    await Promise.race([once(lines, 'line'), ended])
    if (!said.join('\n').includes('listening on'))
      throw new Error(`tcpdump did not begin:\n${said.join('\n')}`)
    const result = await work()
    child.kill('SIGINT')
    await ended
    if (!said.includes('0 packets dropped by kernel'))
      throw new Error(`tcpdump did not see everything:\n${said.join('\n')}`)
    return { result, capture: Buffer.concat(pieces) }
  } finally {
    child.kill('SIGINT')
    await ended
  }
}

/** @throws Error when there is no tcpdump here */
export async function requireTcpdump(): Promise<void> {
  await run('tcpdump', ['--version']).catch((cause: unknown) => {
    throw new Error('tcpdump is needed, and is not here: apt-get install tcpdump', { cause })
  })
}

/** The interface of this machine to which a lab's hosts are connected, as Docker names it. */
async function bridgeOf(lab: string): Promise<string> {
  const { stdout } = await run('docker', ['network', 'inspect', `gw-lab-${lab}`, '--format', '{{.Id}}'])
  return `br-${stdout.slice(0, 12)}`
}
