import { connect } from 'node:net'

/** What an agent is asked, and what it answers (draft-miller-ssh-agent, 4.4): a length, a type, a number. */
const REQUEST_IDENTITIES = Buffer.from([0, 0, 0, 1, 11])
const IDENTITIES_ANSWER = 12
const HEADER_BYTES = 9

const PATIENCE_MS = 2000

/** How many keys the ssh agent behind a socket holds; null when there is none, or it does not answer within 2 s. */
export function keysOfAgent(path: string): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let answer = Buffer.alloc(0)
    const end = (keys: number | null): void => {
      socket.destroy()
      resolve(keys)
    }
    socket.setTimeout(PATIENCE_MS, () => {
      end(null)
    })
    socket.on('error', () => {
      end(null)
    })
    socket.on('close', () => {
      end(null)
    })
    socket.on('connect', () => socket.write(REQUEST_IDENTITIES))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length >= HEADER_BYTES) end(keysIn(answer))
    })
  })
}

function keysIn(answer: Buffer): number | null {
  return answer[4] === IDENTITIES_ANSWER ? answer.readUInt32BE(5) : null
}
