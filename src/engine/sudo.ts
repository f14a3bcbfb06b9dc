import type { Secret } from '../model/secret.js'
import { LOADER_READY, PASSWORD_PROMPT } from '../shell/loader.js'

/** The dialogue with a sudo that may ask for a password; fed with what the channel prints. */
export interface SudoDialogue {
  readonly input: AsyncIterable<Uint8Array>
  onStdout(chunk: Uint8Array): void
  /** Answers the chunk without our prompt, which is nothing that the host had to say. */
  onStderr(chunk: Uint8Array): Uint8Array
  /** True when sudo asked a second time: the password was wrong. */
  readonly refused: boolean
}

type Turn = 'password' | 'program' | 'refused'

/**
 * The password is sent only after sudo's prompt, the program only after the loader runs. So a sudo that wants no
 * password never sees it, and a wrong one is tried once: further input would count as further attempts.
 */
export function sudoInput(password: Secret, program: Uint8Array): SudoDialogue {
  let prompts = 0
  let refused = false
  const turns: Turn[] = []
  let wake: (() => void) | undefined
  const take = (turn: Turn): void => {
    turns.push(turn)
    wake?.()
  }
  const prompt = watcher(PASSWORD_PROMPT, () => {
    prompts += 1
    refused = prompts > 1
    take(refused ? 'refused' : 'password')
  })
  const ready = watcher(LOADER_READY, () => {
    take('program')
  })

  async function* input(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const turn = turns.shift()
      if (turn === 'password') yield Buffer.from(`${password.reveal()}\n`)
      else if (turn === 'program') {
        yield program
        return
      } else if (turn === 'refused') return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  }

  return {
    input: input(),
    onStdout: ready,
    onStderr: (chunk) => {
      prompt(chunk)
      return withoutPrompt(chunk)
    },
    get refused() {
      return refused
    },
  }
}

/** sudo writes its prompt at once, so it is not looked for across chunks. */
function withoutPrompt(chunk: Uint8Array): Uint8Array {
  const text = Buffer.from(chunk).toString('latin1')
  return text.includes(PASSWORD_PROMPT) ? Buffer.from(text.replaceAll(PASSWORD_PROMPT, ''), 'latin1') : chunk
}

/** Calls `found` each time that `word` has come by, also when it arrives in pieces. */
function watcher(word: string, found: () => void): (chunk: Uint8Array) => void {
  let pending = ''
  return (chunk) => {
    pending += Buffer.from(chunk).toString('latin1')
    for (let at = pending.indexOf(word); at !== -1; at = pending.indexOf(word)) {
      pending = pending.slice(at + word.length)
      found()
    }
    pending = pending.slice(-(word.length - 1))
  }
}
