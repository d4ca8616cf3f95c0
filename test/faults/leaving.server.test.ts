import { connect, type Registry } from '@rollcall/core'
import { startServer, type TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rawIds } from '../../lab/src/raw-reader.js'
import { expiryShows } from '../support/consul-expiry.js'
import { until } from '../support/until.js'

describe.each(['consul', 'etcd', 'zookeeper'] as const)('leaving %s during an outage', (kind) => {
  const ttlMs = 4_000
  let server: TestServer
  let registry: Registry | undefined

  beforeAll(async () => {
    server = await startServer(kind)
    if (kind === 'consul') await expiryShows(`http://127.0.0.1:${server.directPort}`)
  }, 120_000)
  afterAll(() => server?.stop())
  afterEach(() => registry?.close())

  const listed = (...wanted: string[]): Promise<string[]> =>
    until(
      () => rawIds(server, 'orders').catch((): string[] => []),
      (ids) => ids.toSorted().join() === wanted.join(),
      ttlMs + 10_000,
    )

  test('one of two that live under one lease is off the list once the store is back', async () => {
    registry = await connect(server.url, { ttlMs })
    const announce = (port: number, id: string) =>
      registry!.announce({ service: 'orders', host: '127.0.0.1', port, id })
    const [first] = await Promise.all([announce(3001, 'first'), announce(3002, 'second')])
    await listed('first', 'second')
    server.refuse()
    expect(await first.leave({ deadlineMs: 1_000 })).toMatchObject({ released: false })
    await server.restore()
    await listed('second')
  }, 30_000)
})
