/**
 * What is wrong with a log of changes, `begin RUN TOKEN` and `end RUN TOKEN` a line: two writers at once, a change that
 * has no end, a token lower than one seen before.
 */
export function checkLog(text: string): string[] {
  const problems: string[] = []
  let writing: string | null = null
  let highest = 0
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [word, run = '', token = ''] = line.split(' ')
    const writer = `${run} with token ${token}`
    if (word === 'begin') {
      if (writing !== null) problems.push(`${writer} began in the middle of ${writing}`)
      if (Number(token) < highest) problems.push(`${writer} changed something after token ${highest}`)
      writing = writer
      highest = Math.max(highest, Number(token))
    } else {
      if (writing !== writer) problems.push(`${writer} ended in the middle of ${writing ?? 'nothing'}`)
      writing = null
    }
  }
  if (writing !== null) problems.push(`${writing} did not end`)
  return problems
}
