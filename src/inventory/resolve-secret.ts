import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { GwError } from '../errors.js'
import { formatSecretReference, Secret } from '../model/secret.js'
import type { SecretReference } from '../model/secret.js'
import { absolutePath } from './local-user.js'
import type { Environment } from './local-user.js'

const LARGEST = 64 * 1024
const DEADLINE_MS = 30_000

interface SecretOptions {
  readonly env: Environment
  /** How long a command may take, in milliseconds; default 30 s. */
  readonly deadlineMs?: number
  /** Ends a command at once. */
  readonly signal?: AbortSignal
}

/**
 * Fetches a secret: the first line of a variable, of a file, or of what a local command prints. Relative paths and
 * commands start from the working folder.
 * @throws GwError SECRET_UNAVAILABLE; it names the reference and never holds any of the value.
 */
export async function resolveSecret(reference: SecretReference, options: SecretOptions): Promise<Secret> {
  const text = await fetchText(reference, options)
  const [line = ''] = text.split(/\r?\n/, 1)
  return checkedSecret(reference, line)
}

/**
 * Fetches a secret of several lines, such as a key: all of the variable, of the file, or of what the command prints.
 * @throws GwError SECRET_UNAVAILABLE as {@link resolveSecret}
 */
export async function resolveSecretText(reference: SecretReference, options: SecretOptions): Promise<Secret> {
  return checkedSecret(reference, await fetchText(reference, options))
}

function checkedSecret(reference: SecretReference, value: string): Secret {
  if (value === '') throw unavailable(reference, 'is empty')
  if (value.includes('\0')) throw unavailable(reference, 'holds a NUL character')
  return new Secret(value)
}

function fetchText(reference: SecretReference, options: SecretOptions): Promise<string> {
  switch (reference.kind) {
    case 'env':
      return fromEnvironment(reference, options.env)
    case 'file':
      return fromFile(reference, options.env)
    case 'cmd':
      return fromCommand(reference, options)
  }
}

async function fromEnvironment(reference: SecretReference, env: Environment): Promise<string> {
  const value = env[reference.name]
  if (value === undefined) throw unavailable(reference, 'is not set', `export ${reference.name}=...`)
  return Promise.resolve(value)
}

async function fromFile(reference: SecretReference, env: Environment): Promise<string> {
  const path = absolutePath(reference.name, '.', env['HOME'] ?? homedir())
  const bytes = await readFile(path).catch(() => null)
  if (bytes === null) throw unavailable(reference, 'cannot be read', `ls -l ${path}`)
  if (bytes.length > LARGEST) throw unavailable(reference, 'is larger than 64 KiB')
  return bytes.toString('utf8')
}

/** A command has a process group of its own, so that a deadline ends whatever it started too. */
function fromCommand(reference: SecretReference, options: SecretOptions): Promise<string> {
  const { env, deadlineMs = DEADLINE_MS, signal } = options
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', reference.name], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    const chunks: Buffer[] = []
    let size = 0
    const end = (why: string): void => {
      clearTimeout(timer)
      if (child.pid !== undefined) killGroup(child.pid)
      child.stdout.destroy()
      reject(unavailable(reference, why, `Run the command by hand to see what it says: ${reference.name}`))
    }
    const interrupt = (): void => {
      reject(interrupted(reference))
      end('was interrupted')
    }
    const timer = setTimeout(() => {
      end(`did not end within ${deadlineMs / 1000} s`)
    }, deadlineMs)
    if (signal?.aborted === true) interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    child.on('error', () => {
      end('cannot be started')
    })
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > LARGEST) end('printed more than 64 KiB')
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'))
      else end(code === null ? 'was ended by a signal' : `ended with exit code ${code}`)
    })
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group has ended by itself.
  }
}

function interrupted(reference: SecretReference): GwError {
  return new GwError(
    'INTERRUPTED',
    `interrupted while the secret ${formatSecretReference(reference)} was fetched`,
    {
      nextSteps: ['Nothing was changed; the same command starts again.'],
    },
  )
}

function unavailable(reference: SecretReference, why: string, ...nextSteps: string[]): GwError {
  return new GwError('SECRET_UNAVAILABLE', `the secret ${formatSecretReference(reference)} ${why}`, {
    nextSteps,
  })
}
