import fc from 'fast-check'

// One inventory with every text field that ends up in a configuration, each holding a word of its own, so that whatever
// takes a word's place can be found again in what is rendered.

/** What stands in each field unless a test says otherwise; no word is part of another or occurs anywhere else. */
export const USUAL = {
  domain: 'qdomain',
  service: 'qservice',
  group: 'qgateways',
  gatewayName: 'qgw',
  backendName: 'qapp',
  backendAddress: '10.77.2.101',
  interface: 'qiface',
  vipAddress: '10.77.1.100',
  ownAddress: '10.77.1.101',
  certificate: 'qcertificate',
  key: 'qkey',
  pool: 'qpool',
  rateLimit: 'qlimit',
  rate: '77r/m',
  path: 'qpath',
  exactPath: 'qexact',
  requiredHeader: 'Qrequired',
  responseHeader: 'Qresponse',
  responseValue: 'qvalue',
  hstsValue: 'qhsts',
  identityHeader: 'Qidentity',
  folder: 'qfolder',
  accessLog: 'qaccess',
  errorLog: 'qerror',
  errorLevel: 'notice',
  allowed: '10.77.3.0/24',
  trusted: '10.77.4.0/24',
  internal: '10.77.5.0/24',
} as const

export type Field = keyof typeof USUAL
export const FIELDS = Object.keys(USUAL) as Field[]

/** Where the logs of these inventories would lie. */
export const LOGS = '/var/log/gw-texts'

/** The inventory, as YAML would have it, with other texts in some fields. */
export function inventoryWith(others: Readonly<Partial<Record<Field, string>>>): object {
  const text: Record<Field, string> = { ...USUAL, ...others }
  return {
    hosts: {
      [text.gatewayName]: { address: '10.77.1.1' },
      other: { address: '10.77.1.2' },
      [text.backendName]: { address: text.backendAddress },
    },
    groups: {
      [text.group]: { hosts: [text.gatewayName, 'other'] },
      backends: { hosts: [text.backendName] },
    },
    gateway: {
      group: text.group,
      domain: `${text.domain}.example.com`,
      service: text.service,
      vip: {
        address: `${text.vipAddress}/24`,
        interface: text.interface,
        virtual_router_id: 7,
        unicast: true,
        addresses: { [text.gatewayName]: text.ownAddress, other: '10.77.1.102' },
      },
      tls: { files: { certificate: text.certificate, key: `file:${text.key}` } },
      pools: {
        [text.pool]: { group: 'backends', port: 3000, balance: 'sticky' },
        other: { group: 'backends', port: 3001 },
      },
      rate_limits: { [text.rateLimit]: { rate: text.rate, burst: 5 } },
      routes: [
        {
          path: `/${text.path}/`,
          pool: text.pool,
          allow: [text.allowed],
          require: [text.requiredHeader],
          rate_limits: [text.rateLimit],
        },
        { path: '/cached/', pool: 'other', require: [text.requiredHeader], cache: '5m' },
        { path: `/${text.exactPath}/exact`, pool: text.pool, websocket: true },
        { path: '/files/', files: `/srv/${text.folder}/files` },
      ],
      response_headers: {
        [text.responseHeader]: text.responseValue,
        'Strict-Transport-Security': text.hstsValue,
      },
      identity_headers: [text.identityHeader],
      trusted_proxies: [text.trusted],
      internal_networks: [text.internal],
      logging: {
        access: `${LOGS}/${text.accessLog}`,
        error: `${LOGS}/${text.errorLog}`,
        level: text.errorLevel,
      },
    },
  }
}

/** What NGINX, keepalived, YAML, a shell or a terminal takes for more than a letter. */
const TROUBLE = [
  ...Array.from(
    '"\'{}[]();$\\#%@:/.,-_~=*?|^+&!`<> \t\n\r\0\u0007\u001b\u007f\u0085\u00a0\u202e\u2028\ufeffé日',
  ),
  '\r\n',
  '\\n',
  '\\"',
  "'; }",
  '"; return 200 x; #',
  '} server { listen 81; } #',
  '${gw_request_id}',
  '$host',
  '../',
  '# ',
  '🦊',
  '\ud800',
]

/** Addresses, networks and rates, well written or not quite; nothing for the fields that hold none of them. */
function numeric(usual: string): fc.Arbitrary<string>[] {
  if (!/^[0-9]/.test(usual)) return []
  if (usual.endsWith('r/m')) {
    const unit = fc.constantFrom('s', 'm', 'h')
    return [fc.tuple(fc.oneof(fc.nat(1000), fc.nat(2_000_000)), unit).map((parts) => parts.join('r/'))]
  }
  const addresses = [fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.nat(99).map((last) => `10.77.1.${last}`)]
  if (!usual.includes('/')) return addresses
  return [
    ...addresses,
    fc.tuple(fc.nat(255), fc.nat(33)).map(([first, length]) => `${first}.0.0.0/${length}`),
    fc.tuple(fc.nat(65_535), fc.nat(129)).map(([first, length]) => `${first.toString(16)}::/${length}`),
  ]
}

/** Texts for a field: hostile ones, its usual word with something put into it, and such as it may well accept. */
export function textFor(field: Field): fc.Arbitrary<string> {
  const usual: string = USUAL[field]
  const trouble = fc.constantFrom(...TROUBLE)
  const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
  return fc.oneof(
    ...numeric(usual),
    fc
      .array(fc.oneof(trouble, fc.constantFrom('a', '0', 'http')), { maxLength: 5 })
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.nat(usual.length), fc.oneof(trouble, printable))
      .map(([at, put]) => usual.slice(0, at) + put + usual.slice(at)),
    fc.string({ unit: fc.constantFrom(...Array.from('abcz019.-_')), maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...Array.from('09afF.:/')), maxLength: 12 }),
    printable,
    fc.string({ unit: fc.constantFrom(...Array.from('\\"\';{}# =ax')), maxLength: 12 }),
  )
}
