import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { backupScript } from '../../src/render/backup/script.js'

/** In memory where there is such a folder: the script puts every file onto the disk, dozens of times in a test. */
const TEMPORARY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

interface BackupOptions {
  /** Changes the script before it runs. */
  readonly edit?: (text: string) => string
  readonly shell?: readonly string[]
}

/** A gateway that is a temporary folder, on which the backup script runs by a shell of this machine. */
export class BackupGround {
  readonly dir = mkdtempSync(join(TEMPORARY, 'gw-backup-'))

  constructor() {
    this.write('state/releases/v1.2/manifest.json', '{}\n')
    this.write('state/releases/v1.2/nginx/gw/tls/rsa.key', 'key\n', 0o600)
    this.write('state/releases/v1.1/manifest.json', '{"older":true}\n')
    symlinkSync(this.at('state/releases/v1.2'), this.at('state/current'))
    this.write('state/work', '')
    this.write('etc/nginx/mime.types', 'types\n')
    symlinkSync(this.at('state/current/nginx/gw'), this.at('etc/nginx/gw'))
    this.write('etc/systemd/system/nginx.service.d/gw.conf', '[Service]\n')
  }

  remove(): void {
    rmSync(this.dir, { recursive: true })
  }

  at(...path: string[]): string {
    return join(this.dir, ...path)
  }

  write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true })
    writeFileSync(this.at(path), content, { mode })
  }

  script(edit = (text: string) => text): string {
    const { dir: root } = this
    const [state, backups, audit] = [this.at('state'), this.at('backups'), this.at('log/audit.jsonl')]
    return edit(backupScript({ state, backups, audit, root }))
  }

  /** Runs the script to its end. */
  backup(args: readonly string[], { edit, shell = ['sh'] }: BackupOptions = {}) {
    const [command = '', ...words] = shell
    const all = [...words, '-c', this.script(edit), 'backup', ...args]
    const { status, stdout, stderr } = spawnSync(command, all, { encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  /** What lies in the folder of the backups. */
  backups(): string[] {
    return readdirSync(this.at('backups')).sort()
  }

  audited(): unknown[] {
    const lines = readFileSync(this.at('log/audit.jsonl'), 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as unknown)
  }

  /** Whether a backup's sums are those of all its files. */
  isWhole(name: string): boolean {
    const check = `sha256sum --check --quiet --strict SHA256SUMS && [ "$(find . -type f | wc -l)" = "$((1 + $(wc -l <SHA256SUMS)))" ]`
    return spawnSync('sh', ['-c', check], { cwd: this.at('backups', name) }).status === 0
  }
}
