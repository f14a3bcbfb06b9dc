import { readFileSync, writeFileSync } from 'node:fs'
import { errnoCode } from '../../src/errors.js'

/** Docker's own group of processes, under both versions of control groups, and eight times its usual share there. */
const SHARES = [
  { file: '/sys/fs/cgroup/cpu/docker/cpu.shares', share: 8192 },
  { file: '/sys/fs/cgroup/docker/cpu.weight', share: 800 },
]

/**
 * Lets the labs' hosts have their share of the processors: all containers together count as much as one process beside them,
 * and keepalived, which has no real-time priority there as on other hosts, would wait for its turn for longer than its peer
 * waits for an advert. Answers what puts it back. Where this is not to be set, tests run all the same.
 */
export function shareProcessors(): () => void {
  const before = SHARES.flatMap(({ file, share }) => {
    try {
      const usual = readFileSync(file, 'utf8')
      writeFileSync(file, String(share))
      return [{ file, usual }]
    } catch (error) {
      if (['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes(errnoCode(error))) return []
      throw error
    }
  })
  return () => {
    for (const { file, usual } of before) writeFileSync(file, usual)
  }
}
