import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRollcallError } from '@rollcall/core'
import { checkUrl, parseUrl, type Accepts, type BackendUrl } from '@rollcall/core/adapter'

const etcd: Accepts = { hosts: 'many', defaultPort: 2379, path: true, userinfo: true, tls: true }

const read = (url: string, accepts: Accepts = etcd): BackendUrl => checkUrl(parseUrl(url), accepts)

describe('parseUrl', () => {
  it('reads lists of hosts, default ports and the path', () => {
    expect(read('etcd://h1,h2:1,[::1]:2,[fe80::5]/base/x/')).toMatchObject({
      scheme: 'etcd',
      tls: false,
      hosts: [
        { host: 'h1', port: 2379 },
        { host: 'h2', port: 1 },
        { host: '::1', port: 2 },
        { host: 'fe80::5', port: 2379 },
      ],
      path: '/base/x',
      shown: 'etcd://h1,h2:1,[::1]:2,[fe80::5]/base/x',
    })
  })

  it('reads schemes alone, with a name, in capitals, and with +tls', () => {
    expect(read('memory:', { path: true })).toMatchObject({
      scheme: 'memory',
      hosts: [],
      path: '',
      shown: 'memory:',
    })
    expect(read('memory:test', { path: true })).toMatchObject({ path: 'test', shown: 'memory:test' })
    expect(read('ETCD+TLS://h')).toMatchObject({ scheme: 'etcd', tls: true })
  })

  it('decodes user, password and options, and hides the password', () => {
    const url = read('etcd+tls://us%65r:p%40s%2Fs:w@h?ttlMs=5000&name=a%26b&empty=&flag')
    expect(url).toMatchObject({ username: 'user', password: 'p@s/s:w', shown: 'etcd+tls://us%65r:***@h' })
    expect([...url.query]).toEqual([
      ['ttlMs', '5000'],
      ['name', 'a&b'],
      ['empty', ''],
      ['flag', ''],
    ])
    expect(read('etcd://:pw@h').shown).toBe('etcd://:***@h')
    expect(read('etcd://user@h')).not.toHaveProperty('password')
  })

  it.each([
    '',
    'etcd',
    '//h',
    ':',
    'etcd://h#x',
    'etcd://h:0',
    'etcd://h:65536',
    'etcd://h:port',
    'etcd://h:',
    'etcd://h1,',
    'etcd://,h1',
    'etcd://h1,,h2',
    'etcd://[::1',
    'etcd://::1',
    'etcd://h h',
    'etcd://h\n',
    'etcd://h/%',
    'etcd://%zz@h',
    'etcd://h?a=%',
    'etcd://h?a=1&a=2',
    'etcd+ssl://h',
    ' etcd://h',
  ])('refuses %j', (url) => {
    expect(() => parseUrl(url)).toThrow(expect.objectContaining({ code: 'BAD_URL' }))
  })

  it.each([undefined, null, 5, {}, new URL('http://h')])('refuses what is no text: %s', (url) => {
    expect(() => parseUrl(url as never)).toThrow(expect.objectContaining({ code: 'BAD_URL' }))
  })

  it.each<[string, Accepts, string]>([
    ['memory+tls:', {}, 'TLS'],
    ['memory://h', {}, 'no host'],
    ['consul://h1,h2', { hosts: 'one', defaultPort: 1 }, 'one host'],
    ['consul://h/path', { hosts: 'one', defaultPort: 1 }, 'no path'],
    ['consul://u:secret@h', { hosts: 'one', defaultPort: 1 }, 'no user'],
    ['x://:secret@h', { hosts: 'one', defaultPort: 1 }, 'no user'],
    ['x://h', { hosts: 'one' }, 'write h:PORT'],
  ])('refuses %s where the adapter does not take it', (url, accepts, why) => {
    expect(() => read(url, accepts)).toThrow(why)
    expect(() => read(url, accepts)).not.toThrow('secret')
  })

  it.each([
    'etcd://root:hunter2/etc@h:2379',
    'etcd://root:1234/etc@h:2379',
    'etcd://root:1234?etc@h:2379',
    'etcd://root:1234#etc@h:2379',
    'etcd://root:1234 etc@h:2379',
    'etcd:root:1234@h:2379',
    'etcd:/root:1234@h:2379',
    'etcd://root:1234%@h:2379',
    'etcd://root:123456',
  ])('quotes nothing of a password that was not encoded: %s', (url) => {
    let error: unknown
    try {
      parseUrl(url)
    } catch (thrown) {
      error = thrown
    }
    expect(isRollcallError(error, 'BAD_URL')).toBe(true)
    expect(String((error as Error).stack)).not.toMatch(/hunter2|1234/)
  })

  it('throws nothing but BAD_URL, whatever it is given', () => {
    const piece = fc.constantFrom(...'etcd:/@,?#[]%&=+.- \n0159aZ\u0000ü'.split(''))
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: piece, maxLength: 40 }).map((s) => `etcd:${s}`),
    )
    fc.assert(
      fc.property(text, (url) => {
        try {
          read(url)
        } catch (error) {
          if (!isRollcallError(error, 'BAD_URL')) throw error
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('gives back what was encoded, and shows the password nowhere', () => {
    const secret = fc.string({ unit: 'grapheme', minLength: 1 }).map((s) => `Zq9${s}Zq9`)
    const innocent = fc.string().filter((text) => !text.includes('Zq9'))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), secret, (user, password) => {
        const url = read(`etcd://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h1,h2/base`)
        expect(url).toMatchObject({
          username: user,
          password,
          shown: `etcd://${encodeURIComponent(user)}:***@h1,h2/base`,
        })
      }),
    )
    fc.assert(
      fc.property(secret, innocent, innocent, (password, before, after) => {
        try {
          const { shown } = read(`etcd://u${before}:${password}@h${after}`, {})
          expect(shown).not.toContain('Zq9')
        } catch (error) {
          if (!isRollcallError(error, 'BAD_URL')) throw error
          // A piece of the secret that begins with a slash or the like can only be refused.
          expect(error.message).not.toContain('Zq9')
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
