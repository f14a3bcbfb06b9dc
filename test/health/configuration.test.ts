import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certificateComplaints } from '../../src/health/nginx-words.js'
import { judgeConfiguration } from '../../src/health/phases/configuration.js'
import { GATEWAY } from './gateway.js'
import { healthAnswer, hostSeen } from './observation.js'
import { anySeconds, anyWord, expectReadable, judgesItsCases } from './phase-cases.js'

const judge = (seen: Parameters<typeof judgeConfiguration>[0]) => judgeConfiguration(seen, GATEWAY)

const anyTest = fc.record({ passed: fc.boolean(), output: anyWord })

describe('the phase configuration', () => {
  judgesItsCases('configuration', judge)

  it('says something readable of whatever programs print, and never passes what they refuse', () => {
    fc.assert(
      fc.property(
        anyTest,
        anyTest,
        fc.option(fc.record({ path: anyWord, ageSeconds: anySeconds })),
        fc.option(fc.record({ ageSeconds: anySeconds, text: anyWord })),
        (nginx, keepalived, newest, emergency) => {
          const seen = hostSeen({ configuration: { nginx, keepalived, newest, emergency } })
          const { verdict, findings } = judge(seen)
          findings.forEach(expectReadable)
          if (!nginx.passed || !keepalived.passed) expect(verdict).not.toBe('pass')
        },
      ),
    )
  })

  it('says something readable of whatever files a host has below the release', () => {
    const anyFile = fc.record({
      path: anyWord,
      mode: anyWord,
      owner: anyWord,
      group: anyWord,
      size: fc.nat(),
      sha256: fc.option(anyWord),
    })
    fc.assert(
      fc.property(fc.array(anyFile, { maxLength: 12 }), fc.boolean(), (files, isAdded) => {
        const live = isAdded ? [...hostSeen().store.live, ...files] : files
        const { verdict, findings } = judge(hostSeen({ store: { live } }))
        findings.forEach(expectReadable)
        expect(verdict).toBe(isAdded ? 'pass' : 'fail')
      }),
    )
  })

  it('finds every file that was edited, but for certificates', () => {
    const { live } = hostSeen().store
    for (const { path } of live) {
      const edited = live.map((each) => (each.path === path ? { ...each, sha256: '0'.repeat(64) } : each))
      const { verdict } = judge(hostSeen({ store: { live: edited } }))
      expect([path, verdict]).toEqual([path, path.startsWith('nginx/gw/tls/') ? 'pass' : 'fail'])
    }
  })

  it('takes other rights for no content that was not read, and warns of them', () => {
    const path = 'nginx/nginx.conf'
    const live = hostSeen().store.live.map((each) => (each.path === path ? { ...each, mode: '0600' } : each))
    const newest = { path: `/var/lib/gw/current/${path}`, ageSeconds: 30 }
    const { verdict, findings } = judge(hostSeen({ store: { live }, configuration: { newest } }))
    expect([verdict, findings.map(({ severity }) => severity)]).toEqual(['pass', ['warning']])
  })

  it('finds a release that is published and was not read', () => {
    expect(judge(hostSeen({ own: healthAnswer('gw-1', 'v1.1') }))).toEqual({
      verdict: 'fail',
      findings: [
        {
          severity: 'error',
          message: 'NGINX serves v1.1, though v1.2 is published: it was not reloaded since',
          help: 'gw exec ENV gw-1 -- systemctl reload nginx',
        },
      ],
    })
  })
})

describe('complaints about certificates', () => {
  it.each([
    'cannot load certificate "/etc/nginx/gw/tls/rsa.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)',
    'cannot load certificate key "/etc/nginx/gw/tls/rsa.key": PEM_read_bio_PrivateKey() failed',
    'SSL_CTX_use_PrivateKey("/etc/nginx/gw/tls/rsa.key") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)',
    'SSL_CTX_use_certificate("/etc/nginx/gw/tls/rsa.crt") failed (SSL: error:0A00018F:SSL routines::ee key too small)',
  ])('%s', (words) => {
    const dated = `2026/11/21 20:00:00 [emerg] 700#700: ${words}\nnginx: configuration file /etc/nginx/nginx.conf test failed`
    expect(certificateComplaints(dated)).toEqual([words])
    expect(certificateComplaints(`nginx: [emerg] ${words}\r\n`)).toEqual([words])
    const { verdict } = judge(hostSeen({ configuration: { nginx: { passed: false, output: dated } } }))
    expect(verdict).toBe('inconclusive')
  })

  it('are not what NGINX says of anything else', () => {
    const output = 'nginx: [emerg] no "ssl_certificate" is defined for the "listen ... ssl" directive in /a:3'
    expect(certificateComplaints(output)).toEqual([])
  })
})
