/** A PEM block: `label` such as "CERTIFICATE" or "RSA PRIVATE KEY", `text` with its first and last line. */
interface PemBlock {
  readonly label: string
  readonly text: string
}

/** The blocks of a PEM text in their order. What stands around them, and a block without an end, is left out. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  let label: string | undefined
  let lines: string[] = []
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    const begun = /^-----BEGIN ([A-Z0-9 ]+)-----$/.exec(line)?.[1]
    if (begun !== undefined) [label, lines] = [begun, []]
    lines.push(line)
    if (label === undefined || line !== `-----END ${label}-----`) continue
    blocks.push({ label, text: `${lines.join('\n')}\n` })
    label = undefined
  }
  return blocks
}
