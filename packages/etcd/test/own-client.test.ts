import type { TestServer } from '@rollcall/testing'
import { Etcd3 } from 'etcd3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Follower, idsOf } from './support/follower.js'
import { instanceOf, openEtcd, within } from './support/open.js'
import { startEtcd } from './support/server.js'

describe('a client of one’s own', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startEtcd({ auth: true })
  })
  afterAll(() => server.stop())

  test('serves as ours would, with its own user, and stays open', async () => {
    const { username, password } = server.credentials!
    const auth = { username: username!, password: password! }
    const client = new Etcd3({ hosts: `127.0.0.1:${server.port}`, auth })
    const adapter = openEtcd('etcd:', { client })
    const orders = new Follower((signal) => adapter.watch('orders', signal))
    await orders.until(() => true)
    const lease = await adapter.register(instanceOf(), 5_000, within())
    await orders.until((listing) => idsOf(listing).includes('a'))
    await lease.renew(within())
    await orders.stop()
    await adapter.close(within())
    expect(await client.getAll().prefix('/services/orders/').keys()).toEqual([])
    client.close()
  })

  test('that is frozen lets go of our verbs all the same', async () => {
    const client = new Etcd3({ hosts: `127.0.0.1:${server.port}` })
    const adapter = openEtcd('etcd:/services', { client })
    await server.freeze()
    try {
      const reason = new Error('enough')
      const controller = new AbortController()
      const done = adapter.register(instanceOf(), 5_000, controller.signal)
      setTimeout(() => controller.abort(reason), 50)
      await expect(done).rejects.toBe(reason)
    } finally {
      await server.thaw()
      await adapter.close(within(500))
      client.close()
    }
  })
})
