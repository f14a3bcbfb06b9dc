import { gzipSync } from 'node:zlib'

/** A program for a host's shell, and the bytes that its steps read from descriptor 3, one after the other. */
interface Program {
  readonly text: string
  readonly data: readonly Uint8Array[]
}

/** What the loader prints when it runs and waits for its program. */
export const LOADER_READY = 'gw-loader-ready'

/** What sudo is told to print when it wants a password. */
export const PASSWORD_PROMPT = 'gw-sudo-password:'

/** Exit statuses of the remote command before a program runs; no shell or sudo uses them. */
export const LOADER_EXIT = { noSudo: 96, truncated: 97 } as const

/*
 * The loader reads lines until its header (so that a password which sudo did not want is passed over), then exactly the
 * program's bytes, and evaluates the program only when gzip found it whole: a connection that drops half-way runs nothing.
 * It holds no single quote and no backslash, so that every login shell passes it on unchanged.
 */
const LOADER = [
  `LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH; umask 022`,
  `echo ${LOADER_READY}`,
  `h=; while IFS= read -r l; do case $l in "gw1 "*) h=$l; break;; esac; done`,
  `p=$(head -c "\${h#gw1 }" | gzip -dc 2>/dev/null) || exit ${LOADER_EXIT.truncated}`,
  `[ "$p" ] || exit ${LOADER_EXIT.truncated}`,
  `eval "$p"`,
].join('; ')

const HAS_SUDO = `command -v sudo >/dev/null 2>&1 || exit ${LOADER_EXIT.noSudo}`

/** The fixed command lines that start the loader, by how root is reached. */
export const LOADER_COMMANDS = {
  none: `exec sh -c '${LOADER}'`,
  sudo: `${HAS_SUDO}; exec sudo -n -- sh -c '${LOADER}'`,
  // -k: a cached credential of an earlier login must not decide whether sudo reads the password from our input.
  sudoWithPassword: `${HAS_SUDO}; exec sudo -k -S -p ${PASSWORD_PROMPT} -- sh -c '${LOADER}'`,
} as const

/** The bytes that the loader reads: header, compressed program, then the program's data. */
export function packProgram(program: Program): Uint8Array {
  const body = gzipSync(Buffer.from(program.text))
  return Buffer.concat([Buffer.from(`gw1 ${body.length}\n`), body, ...program.data])
}
