import type { Writable } from 'node:stream'
import type { ExecRequest } from './connection.js'
import { rejection } from './deadline.js'

async function drained(into: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    into.once('drain', resolve)
  })
}

/**
 * Writes a command's input piece by piece, never faster than `into` takes it, then ends `into`. `sent` hears the size of
 * each piece. When the signal fires first, the source is told to return and nothing more is written.
 */
export async function feed(
  input: ExecRequest['input'],
  into: Writable,
  sent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (input instanceof Uint8Array) {
    sent(input.length)
    into.end(input)
    return
  }
  const source = input[Symbol.asyncIterator]()
  const over = rejection(signal)
  try {
    for (;;) {
      const piece = await Promise.race([source.next(), over])
      if (piece.done === true) break
      sent(piece.value.length)
      if (!into.write(piece.value)) await Promise.race([drained(into), over])
    }
    into.end()
  } finally {
    // A source that waits for something returns when that comes or never; nobody waits for it here.
    source.return?.().catch(() => undefined)
  }
}
