import { existsSync } from 'node:fs'
import ssh2, { type AnyAuthMethod, type IdentityCallback, type ParsedKey } from 'ssh2'
import type { Endpoint } from '../model/host.js'
import { readIdentity, type Identity } from './identity.js'

/** What we can offer to a host: methods in the order of trying, and words about them and about what is unusable. */
export interface Credentials {
  readonly methods: readonly AnyAuthMethod[]
  readonly offered: readonly string[]
  readonly unusable: readonly string[]
}

/**
 * An agent whose keys come in our order: those that the inventory names first, so that a full agent does not use up the
 * host's patience (MaxAuthTries 6) before the right key has its turn.
 */
class OrderedAgent extends ssh2.OpenSSHAgent {
  constructor(
    path: string,
    private readonly first: readonly Buffer[],
  ) {
    super(path)
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      if (keys === undefined) done(error)
      else done(error, this.#ordered(keys.flatMap((key) => ('pubKey' in key ? [] : [key]))))
    })
  }

  #ordered(keys: ParsedKey[]): ParsedKey[] {
    const wanted = (key: ParsedKey) => this.first.some((blob) => blob.equals(key.getPublicSSH()))
    return [...keys.filter(wanted), ...keys.filter((key) => !wanted(key))]
  }
}

function named(identity: Identity): string {
  if (identity.kind !== 'private') return `${identity.path}: ${identity.problem}`
  // ssh would send the certificate, too, so a login that works by hand fails here.
  const bare = existsSync(`${identity.path}-cert.pub`)
    ? ' without the certificate beside it, for which set `driver: openssh`'
    : ''
  return `the key ${identity.path}${bare}`
}

/** Reads the identity files of an endpoint and orders what can be offered: named keys, then the agent's. */
export async function credentialsFor(endpoint: Endpoint): Promise<Credentials> {
  const { user: username, agent } = endpoint
  const identities = await Promise.all(endpoint.identityFiles.map(readIdentity))
  const methods: AnyAuthMethod[] = []
  const offered: string[] = []
  for (const identity of identities) {
    if (identity.kind !== 'private') continue
    methods.push({ type: 'publickey', username, key: identity.key })
    offered.push(named(identity))
  }
  if (agent !== null) {
    const first = identities.flatMap((identity) => (identity.kind === 'public' ? [identity.publicKey] : []))
    methods.push({ type: 'agent', username, agent: new OrderedAgent(agent, first) })
    offered.push(`the keys of the agent ${agent}`)
  }
  const unusable = identities.filter((identity) => identity.kind !== 'private').map(named)
  return { methods, offered, unusable }
}
