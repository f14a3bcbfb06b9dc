import { ask } from '../facts/fact.js'
import { fileState } from '../facts/file.js'
import { sh } from '../shell/script.js'
import { checked } from './argument.js'
import type { Operation } from './operation.js'

interface AbsentArguments {
  readonly path: string
}

/**
 * Nothing at the path: a file or a link is removed, a directory only when it is empty (the task fails otherwise).
 * @throws GwError VALUE_REFUSED
 */
export function absent(args: AbsentArguments): Operation {
  const path = checked('path', 'absent.path', args.path)
  const question = ask(fileState, { path })
  return {
    subject: path,
    questions: [question],
    decide(answers) {
      const now = answers.to(question)
      if (now.type === 'absent') return { kind: 'ok', reason: 'nothing is there' }
      const script = now.type === 'directory' ? sh`rmdir -- ${path}` : sh`rm -f -- ${path}`
      return { kind: 'change', summary: `remove the ${now.type}`, script }
    },
  }
}
