/** A sample of Prometheus's text format. */
export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`
const HELP = new RegExp(`^# HELP (${NAME}) (?:[^\\\\\\n]|\\\\[\\\\n])+$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) gauge$`)
const SAMPLE = new RegExp(`^(${NAME})\\{(${LABEL}(?:,${LABEL})*)\\} (-?[0-9.]+(?:e[+-]?[0-9]+)?)$`)

/** Stricter than Prometheus: every metric has its HELP, its TYPE and then all of its samples. @throws Error for all else */
export function parseMetrics(text: string): ParsedSample[] {
  if (!text.endsWith('\n')) throw new Error('no line feed at the end')
  const seen = new Set<string>()
  let current = ''
  let typed = false
  return text
    .slice(0, -1)
    .split('\n')
    .flatMap((line) => {
      const [, help] = HELP.exec(line) ?? []
      const [, type] = TYPE.exec(line) ?? []
      if (help !== undefined) {
        if (seen.has(help)) throw new Error(`${help} stands twice`)
        seen.add(help)
        ;[current, typed] = [help, false]
        return []
      }
      if (type !== undefined && type === current) {
        typed = true
        return []
      }
      const sample = parseSample(line)
      if (sample.name !== current || !typed) throw new Error(`out of place: ${line}`)
      return [sample]
    })
}

function parseSample(line: string): ParsedSample {
  const [, name, labels, value] = SAMPLE.exec(line) ?? []
  if (name === undefined || labels === undefined || value === undefined)
    throw new Error(`not a sample: ${line}`)
  const pairs = [...labels.matchAll(new RegExp(LABEL, 'g'))].map(([label]) => {
    const equals = label.indexOf('=')
    return [label.slice(0, equals), unescaped(label.slice(equals + 2, -1))] as const
  })
  if (new Set(pairs.map(([label]) => label)).size !== pairs.length) throw new Error(`a label twice: ${line}`)
  return { name, labels: Object.fromEntries(pairs), value: Number(value) }
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_whole, letter: string) => (letter === 'n' ? '\n' : letter))
}
