import type { Problems } from './problem.js'
import { mapNode, scalarNode } from './tree.js'
import type { Entry, ScalarNode } from './tree.js'

/** The connection settings that Ansible's variables stand for; several names of one setting are listed by age. */
const SETTINGS: Readonly<Record<string, string>> = {
  ansible_user: 'user',
  ansible_ssh_user: 'user',
  ansible_port: 'port',
  ansible_ssh_port: 'port',
  ansible_ssh_private_key_file: 'identity_file',
  ansible_private_key_file: 'identity_file',
}

const ADDRESSES = ['ansible_host', 'ansible_ssh_host']
const BECOME_PASSWORDS = ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass']
const LOGIN_PASSWORDS = ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password']
/** Variables that say what gw does anyway, with the values that do. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  ansible_become_method: ['sudo'],
  ansible_become_user: ['root'],
  ansible_connection: ['ssh', 'smart', 'paramiko', 'ansible.builtin.ssh', 'ansible.builtin.paramiko_ssh'],
}
const ENVIRONMENT_LOOKUP =
  /^\{\{\s*lookup\(\s*['"](?:ansible\.builtin\.)?env['"]\s*,\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]\s*\)\s*\}\}$/

interface AnsibleSettings {
  readonly address: Entry | null
  readonly connection: ReadonlyMap<string, Entry>
  /** Everything that gw does not understand. */
  readonly values: ReadonlyMap<string, Entry>
}

/** Sorts variables into gw's settings and plain values. */
export function readAnsibleSettings(
  variables: ReadonlyMap<string, Entry>,
  problems: Problems,
  { ofHost = false } = {},
): AnsibleSettings {
  const connection = new Map<string, Entry>()
  const values = new Map<string, Entry>()
  let address: Entry | null = null
  for (const [name, entry] of variables) {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined
    if (setting !== undefined)
      connection.set(setting, { ...entry, written: name, value: asNumber(entry, setting) })
    else if (ADDRESSES.includes(name)) {
      if (!ofHost) problems.add(entry.key, `\`${name}\` belongs to a host, not to a group`)
      address = { ...entry, written: name }
    } else if (!isHandledElsewhere(name, entry, problems)) values.set(name, entry)
  }
  const become = readBecome(variables, problems)
  if (become !== null) connection.set('become', become)
  return { address, connection, values }
}

/** INI has no numbers, so a port in quotes is a port. */
function asNumber(entry: Entry, setting: string): Entry['value'] {
  const { value } = entry
  const digits = setting === 'port' && value.kind === 'scalar' && /^[0-9]{1,5}$/.test(String(value.value))
  return digits ? scalarNode(value.span, Number(value.value)) : value
}

function isHandledElsewhere(name: string, entry: Entry, problems: Problems): boolean {
  const allowed = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined
  if (allowed !== undefined) {
    const fits = entry.value.kind === 'scalar' && allowed.includes(String(entry.value.value))
    if (!fits)
      problems.add(entry.value.span, `\`${name}\` must be \`${allowed[0] ?? ''}\`; gw knows no other way`)
    return true
  }
  if (LOGIN_PASSWORDS.includes(name)) {
    problems.add(entry.key, `gw does not log in by password (\`${name}\`); use a key or an agent`)
    return true
  }
  return name === 'ansible_become' || BECOME_PASSWORDS.includes(name)
}

function readBecome(variables: ReadonlyMap<string, Entry>, problems: Problems): Entry | null {
  const become = variables.get('ansible_become')
  const password = BECOME_PASSWORDS.map((name) => variables.get(name)).find((entry) => entry !== undefined)
  if (become !== undefined && !isTrue(become, problems))
    return { ...become, value: scalarNode(become.value.span, 'none') }
  const entry = become ?? password
  if (entry === undefined) return null
  const method: Entry = { ...entry, value: scalarNode(entry.value.span, 'sudo') }
  if (password === undefined) return method
  const reference: Entry = { ...password, value: asReference(password) }
  return {
    ...entry,
    value: mapNode(entry.value.span, [
      ['method', method],
      ['password', reference],
    ]),
  }
}

/** A password that Ansible would take from the environment is a reference of ours. */
function asReference({ value }: Entry): Entry['value'] {
  if (value.kind !== 'scalar') return value
  const name = ENVIRONMENT_LOOKUP.exec(String(value.value))?.[1]
  return name === undefined ? value : scalarNode(value.span, `env:${name}`)
}

function isTrue(entry: Entry, problems: Problems): boolean {
  const word = entry.value.kind === 'scalar' ? truth(entry.value) : null
  if (word === null) problems.add(entry.value.span, '`ansible_become` must be true or false')
  return word === true
}

/** The words that Ansible takes for true and false. */
function truth({ value }: ScalarNode): boolean | null {
  const word = String(value).toLowerCase()
  if (['true', 'yes', 'on', '1', 'y', 't'].includes(word)) return true
  return ['false', 'no', 'off', '0', 'n', 'f'].includes(word) ? false : null
}
