import { describe, expect, it } from 'vitest'
import { opened } from './support/opened.js'

const open =
  (url: string, options: Record<string, unknown> = {}) =>
  () =>
    opened(url, { options })

describe('opening', () => {
  it('contacts nothing, and takes host lists, a base and a user', async () => {
    const adapter = opened('zookeeper://bob:secret@h1,h2:2182/my/base')
    expect(adapter.name).toBe('zookeeper')
    await adapter.close(AbortSignal.timeout(100))
  })

  it.each([
    ['zookeeper://h', { acl: 'closed' }, 'Option acl is "closed": give "open" or "creator"'],
    ['zookeeper://h', { acl: 'creator' }, 'give username and password'],
    ['zookeeper://h', { username: 'bob' }, 'give username and password together'],
    ['zookeeper://h', { password: 'secret' }, 'give username and password together'],
    ['zookeeper://bob:secret@h', { password: 'secret' }, 'give it once'],
    ['zookeeper://b%3Aob:secret@h', {}, 'use a name without'],
    ['zookeeper://h', { ca: 'ca.pem' }, '+tls'],
  ])('refuses %s with %j', (url, options, message) => {
    expect(open(url, options)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    expect(open(url, options)).toThrow(message)
    expect(open(url, options)).not.toThrow('secret')
  })

  it.each([
    'zookeeper://h/a//b',
    'zookeeper://h/..',
    'zookeeper://h/a/./b',
    'zookeeper://h/zookeeper/x',
    'zookeeper://h/%00',
  ])('refuses the base of %s', (url) =>
    expect(open(url)).toThrow(expect.objectContaining({ code: 'BAD_URL' })),
  )
})
