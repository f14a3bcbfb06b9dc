import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The git commit that an inventory was read from, with `-dirty` behind it when something in its folder differs from it;
 * null where there is no git, or nothing was ever committed.
 */
export async function gitCommit(inventoryFile: string): Promise<string | null> {
  const git = async (...words: string[]): Promise<string> => {
    const { stdout } = await run('git', ['-C', dirname(inventoryFile), ...words], { timeout: 2000 })
    return stdout.trim()
  }
  try {
    const [commit, changes] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('status', '--porcelain', '--', '.'),
    ])
    return /^[0-9a-f]{40,64}$/.test(commit) ? `${commit}${changes === '' ? '' : '-dirty'}` : null
  } catch {
    return null
  }
}
