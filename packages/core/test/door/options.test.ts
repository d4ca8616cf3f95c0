import { describe, expect, it } from 'vitest'
import { ScriptedAdapter, ManualClock } from '@rollcall/testing'
import { connect, RollcallError, type AdapterDefinition } from '@rollcall/core'
import { advertisedHost } from '../../src/advertised-host.js'
import { loadTls } from '@rollcall/core/adapter'

/** What an adapter was opened with. */
function definition(more: Partial<AdapterDefinition> = {}) {
  const opened: unknown[] = []
  const made: AdapterDefinition = {
    schemes: ['mine'],
    accepts: { hosts: 'many', defaultPort: 1, path: true, userinfo: true, tls: true },
    options: {
      token: { type: 'string', secret: true, about: 'a token' },
      region: { type: 'string', about: 'a region' },
      size: { type: 'number', integer: true, min: 1, max: 10, default: 3, about: 'a size' },
      fast: { type: 'boolean', default: false, about: 'speed' },
      zones: { type: 'list', about: 'zones' },
      client: { type: 'value', about: 'a client' },
    },
    open(url, options, context) {
      opened.push(url, options, context.ttlMs)
      return new ScriptedAdapter()
    },
    ...more,
  }
  return { opened, adapters: [made] }
}

const rejection = (code: string, ...parts: string[]) =>
  expect.objectContaining({ code, message: expect.stringMatching(new RegExp(parts.join('.*'))) })

describe('options of connect', () => {
  it('stand in the URL or in the options, and defaults fill in the rest', async () => {
    const { opened, adapters } = definition()
    const client = {}
    await connect('mine://h?ttlMs=5000&size=7&fast=true&zones=a,b', {
      adapters,
      region: 'eu',
      client,
      token: undefined,
    })
    expect(opened[0]).toMatchObject({ scheme: 'mine', hosts: [{ host: 'h', port: 1 }] })
    expect(opened.slice(1)).toEqual([{ size: 7, fast: true, zones: ['a', 'b'], region: 'eu', client }, 5_000])
    await connect('mine:', { adapters, ttlMs: 1_000 })
    expect(opened.slice(4)).toEqual([{ size: 3, fast: false }, 1_000])
  })

  it.each<[string, Record<string, unknown>, unknown]>([
    ['mine:?size=3', { size: 3 }, rejection('BAD_OPTION', 'size', 'URL and in the options')],
    ['mine:?size=', {}, rejection('BAD_OPTION', 'size', 'is ""', '1 to 10')],
    ['mine:?size=abc', {}, rejection('BAD_OPTION', 'size', 'is "abc"', '1 to 10')],
    ['mine:?size=1.5', {}, rejection('BAD_OPTION', 'size', '1.5', 'whole number')],
    ['mine:', { size: '3' }, rejection('BAD_OPTION', 'size', '"3"')],
    ['mine:', { size: null }, rejection('BAD_OPTION', 'size', 'null')],
    ['mine:?fast=yes', {}, rejection('BAD_OPTION', 'fast', '"yes"', 'true or false')],
    ['mine:', { zones: 'a,b' }, rejection('BAD_OPTION', 'zones', 'list')],
    ['mine:', { region: '' }, rejection('BAD_OPTION', 'region', 'not empty')],
    ['mine:?client=x', {}, rejection('BAD_OPTION', 'client', 'cannot stand in a URL')],
    ['mine:?clock=x', {}, rejection('BAD_OPTION', 'clock', 'cannot stand in a URL')],
    ['mine:?random=x', {}, rejection('BAD_OPTION', 'random', 'cannot stand in a URL')],
    ['mine:', { random: 5 }, rejection('BAD_OPTION', 'random', 'is 5')],
    ['mine:', { clock: Date }, rejection('BAD_OPTION', 'clock', 'a function')],
    ['mine:', { ttlMs: 499 }, rejection('BAD_OPTION', 'ttlMs', '499', '500')],
    ['mine:', { ttlMs: Number.NaN }, rejection('BAD_OPTION', 'ttlMs', 'NaN')],
    ['mine:', { ttl: 5 }, rejection('UNKNOWN_OPTION', '"ttl"', 'mean ttlMs')],
    ['mine:?tokn=s3cret', {}, rejection('UNKNOWN_OPTION', '"tokn"', 'mean token')],
    ['mine:', { Region: 'eu' }, rejection('UNKNOWN_OPTION', '"Region"', 'mean region')],
    ['mine:', { xy: 1 }, rejection('UNKNOWN_OPTION', '"xy"', 'Known here: .*adapters.*client.*zones')],
    ['mine:', { ['x'.repeat(1e5)]: 1 }, rejection('UNKNOWN_OPTION', 'xxx')],
    ['mine:', { constructor: 1 }, rejection('UNKNOWN_OPTION', 'constructor')],
    ['other:', {}, rejection('UNKNOWN_SCHEME', 'other', 'memory', 'mine')],
    ['constructor:', {}, rejection('UNKNOWN_SCHEME', 'constructor')],
    ['mine:x?ttlMs=5', {}, rejection('BAD_OPTION', 'ttlMs')],
  ])('%s with %o is refused', async (url, options, error) => {
    const { adapters, opened } = definition()
    await expect(connect(url, { adapters, ...options })).rejects.toEqual(error)
    expect(opened).toEqual([])
  })

  it('refuses options and adapters that are none', async () => {
    await expect(connect('memory:', null as never)).rejects.toMatchObject({ code: 'BAD_OPTION' })
    await expect(connect('memory:', { adapters: 'x' as never })).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })

  it('keeps warnings of the opening until somebody may listen', async () => {
    const { adapters } = definition({
      open(_, __, { warn }) {
        warn('no auth')
        return new ScriptedAdapter()
      },
    })
    const registry = await connect('mine:', { adapters, clock: new ManualClock() })
    const seen: string[] = []
    registry.events.on('adapter.warning', ({ message }) => seen.push(message))
    expect(seen).toEqual([])
    registry.service('orders')
    registry.service('users')
    expect(seen).toEqual(['no auth'])
  })

  it('opens memory: by itself', async () => {
    const registry = await connect('memory:')
    expect(registry).toMatchObject({ name: 'memory', url: 'memory:' })
    await registry.close()
  })
})

describe('the advertised host', () => {
  it('is what was given, else ROLLCALL_HOST, else the default of the backend', () => {
    const before = process.env['ROLLCALL_HOST']
    try {
      process.env['ROLLCALL_HOST'] = 'env'
      expect(advertisedHost('given', 'own')).toBe('given')
      expect(advertisedHost(undefined, 'own')).toBe('env')
      process.env['ROLLCALL_HOST'] = ''
      expect(advertisedHost(undefined, 'own')).toBe('own')
    } finally {
      if (before === undefined) delete process.env['ROLLCALL_HOST']
      else process.env['ROLLCALL_HOST'] = before
    }
  })

  it.each(['0.0.0.0', '::', '0', '::0', '0:0:0:0:0:0:0:0'])('is never every address: %s', (host) => {
    expect(() => advertisedHost(host, undefined)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})

describe('loadTls', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nx'

  it('takes PEM text, and nothing without +tls', () => {
    expect(loadTls(true, { ca: pem, serverName: 'n' })).toEqual({ ca: Buffer.from(pem), serverName: 'n' })
    expect(loadTls(false, {})).toBeUndefined()
    expect(() => loadTls(false, { ca: pem })).toThrow(/ca needs TLS/)
    expect(() => loadTls(true, { cert: pem })).toThrow(/cert stands alone/)
    expect(() => loadTls(true, { key: pem })).toThrow(/key stands alone/)
  })

  it('does not quote a key that was given without its PEM header', () => {
    const key = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
    let error: unknown
    try {
      loadTls(true, { cert: pem, key })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(RollcallError)
    expect((error as Error).message).toBe(
      "Option key names a file that can't be read (ENOENT): give PEM text or the path of a PEM file.",
    )
    expect((error as Error).cause).toBeUndefined()
  })
})
