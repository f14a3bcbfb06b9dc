import { execute } from '@oclif/core/execute'

/** Runs the command that this process was started with; `dir` is a URL in gw's installation. */
export function main(dir: string): Promise<unknown> {
  return execute({ dir })
}
