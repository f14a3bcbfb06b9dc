import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface UserQuestion {
  readonly name: string
}

/** An account; `groups` are its supplementary groups. `null` stands for no such account. */
export interface UserState {
  readonly uid: number
  readonly home: string
  readonly shell: string
  readonly groups: readonly string[]
}

/** Accounts, by one `getent passwd` and one `getent group`. */
export const userState: Fact<UserQuestion, UserState | null> = {
  name: 'user',
  script: (args) => sh`
    getent passwd ${args.map((arg) => arg.name)}
    echo --
    getent group | awk -F: '$4 != "" { print $1 ":" $4 }'`,
  parse(output, args) {
    const [accounts, groups] = output.split(/^--\n/m)
    if (accounts === undefined || groups === undefined)
      throw new Error('the groups of the accounts are missing')
    const rows = accounts.split('\n').map((row) => row.split(':'))
    const memberships = groups.split('\n').map((row) => {
      const [group = '', members = ''] = row.split(':')
      return { group, members: members.split(',') }
    })
    return args.map(({ name }) => {
      const [, , uid, , , home = '', shell = ''] = rows.find((row) => row[0] === name) ?? []
      if (uid === undefined) return null
      const own = memberships.filter(({ members }) => members.includes(name)).map(({ group }) => group)
      return { uid: Number(uid), home, shell, groups: own }
    })
  },
}
