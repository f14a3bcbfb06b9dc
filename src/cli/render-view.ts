import { createHash } from 'node:crypto'
import { type RenderedFile, revealedText } from '../model/rendered-file.js'
import { Secret } from '../model/secret.js'
import { cleanText } from '../shell/clean.js'
import type { Terminal } from '../ui/terminal.js'

/** What is rendered for one host. */
export interface HostFiles {
  readonly host: string
  readonly files: readonly RenderedFile[]
}

/** A file as `--json` shows it: `sha256` in hex digits, `content` null for a secret. */
interface FileView {
  readonly path: string
  readonly mode: string
  readonly bytes: number
  readonly sha256: string
  readonly content: string | null
}

/**
 * All files as one text, each under a line with its hosts, path and mode; those that hosts have in common stand once.
 * Secrets are shown as the mask.
 */
export function renderedText(hosts: readonly HostFiles[], paint: Terminal['paintOut']): string {
  const entries = new Map<string, { hosts: readonly string[]; file: RenderedFile }>()
  for (const { host, files } of hosts) {
    for (const file of files) {
      const key = [file.path, file.mode, String(file.content)].join('\0')
      entries.set(key, { hosts: [...(entries.get(key)?.hosts ?? []), host], file })
    }
  }
  return [...entries.values()]
    .map(({ hosts, file }) => {
      const head = paint('bold', `# ${hosts.join(', ')}: ${file.path} (${file.mode})`)
      return `${head}\n${cleanText(String(file.content)).trimEnd()}`
    })
    .join('\n\n')
}

/** The files by host, as `--json` shows them. */
export function renderedView(hosts: readonly HostFiles[]): Record<string, readonly FileView[]> {
  return Object.fromEntries(hosts.map(({ host, files }) => [host, files.map(fileView)]))
}

function fileView(file: RenderedFile): FileView {
  const text = revealedText(file)
  return {
    path: file.path,
    mode: file.mode,
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
    content: file.content instanceof Secret ? null : file.content,
  }
}
