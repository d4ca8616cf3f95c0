import { Etcd3 } from 'etcd3'
import { describe, expect, test } from 'vitest'
import { connect } from '../src/index.js'
import { openEtcd, within } from './support/open.js'

const policy = { execute: (work: () => unknown) => work() }
const careful = {
  grpcOptions: { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 3_000 },
  faultHandling: { global: policy, host: () => policy } as never,
}

describe('opening etcd', () => {
  test.each([
    ['etcd://bob@h', {}, 'Option username stands alone: give username and password together.'],
    [
      'etcd://h',
      { password: 'hidden' },
      'Option password stands alone: give username and password together.',
    ],
    [
      'etcd://a:b@h',
      { username: 'c' },
      'Option username stands in the URL and in the options: give it once.',
    ],
    ['etcd://h', { ca: '/ca.pem' }, 'Option ca needs TLS: write +tls after the scheme of the URL.'],
    ['etcd:', { client: {} }, "Option client is no client of etcd3: give `new Etcd3(…)` of 'etcd3' 1.1."],
    ['etcd:', { client: null }, "Option client is no client of etcd3: give `new Etcd3(…)` of 'etcd3' 1.1."],
  ])('%s with %j says what is wrong', (url, options, message) => {
    expect(() => openEtcd(url, options)).toThrow(message)
  })

  test.each([
    ['etcd://h', {}, 'a host in the URL'],
    ['etcd+tls:', {}, '+tls'],
    ['etcd:', { username: 'bob', password: 'x' }, 'username'],
    ['etcd://bob:x@', {}, 'a user in the URL'],
  ])('a client of one’s own beside %s and %j is refused', (url, options, what) => {
    const client = new Etcd3()
    expect(() => openEtcd(url, { ...options, client })).toThrow(
      `Option client stands beside ${what}, which it knows already: give one of them.`,
    )
    client.close()
  })

  test('what a client of one’s own lacks is told once', () => {
    const warnings: string[] = []
    const client = new Etcd3({ hosts: '127.0.0.1:1', auth: { username: 'a', password: 'hidden' } })
    openEtcd('etcd:', { client }, warnings)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/keepalive_time_ms.*; logs in without a deadline.*; repeats failed calls/)
    expect(warnings[0]).not.toContain('hidden')
    client.close()
  })

  test('a client of one’s own that lacks nothing causes no warning', () => {
    const warnings: string[] = []
    const client = new Etcd3({ hosts: '127.0.0.1:1', ...careful })
    openEtcd('etcd:', { client }, warnings)
    expect(warnings).toEqual([])
    client.close()
  })

  test('contacts nothing, and closes what was never used', async () => {
    await openEtcd('etcd://127.0.0.1:1,[::1]:2,etcd.example').close(within(100))
  })

  test('connect knows the scheme', async () => {
    await (await connect('etcd://127.0.0.1:1')).close()
  })
})
