import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '@rollcall/testing'
import { startOrders } from './orders.js'
import { openShop } from './shop.js'

// Short, so that the tests need not wait long for what happens beyond it.
const options = { ttlMs: 2000 }

let etcd
let orders
let shop

before(async () => {
  // A container where Docker answers, else a process where etcd is installed; else an error that says what to install.
  etcd = await startServer('etcd')
  console.log(`tested on ${etcd.description}`)
  orders = await startOrders(etcd.url, options)
  shop = await openShop(etcd.url, options)
})

after(async () => {
  await shop?.close()
  await orders?.stop()
  await etcd?.stop()
})

test('the shop finds the orders', async () => {
  assert.deepEqual(await shop.fetchOrder(1), { status: 200, text: 'order /1' })
})

test('etcd frozen beyond the TTL: no order fails, and all is well afterwards', async () => {
  await etcd.freeze()
  await everyOrderSucceeds(options.ttlMs * 2)
  await etcd.thaw()
  await everyOrderSucceeds(2000)
  await listedByEtcd()
})

test('etcd killed, and back without its data: no order fails, and the service announces itself again', async () => {
  await etcd.kill()
  await everyOrderSucceeds(1000)
  await etcd.restart({ data: 'wipe' })
  await everyOrderSucceeds(2000)
  await listedByEtcd()
})

async function everyOrderSucceeds(forMs) {
  const end = performance.now() + forMs
  for (let number = 1; performance.now() < end; number++) {
    assert.equal((await shop.fetchOrder(number)).text, `order /${number}`)
    await sleep(50)
  }
}

/** Asked with eyes that have seen nothing before: the shop might still remember. */
async function listedByEtcd() {
  const fresh = await openShop(etcd.url, options)
  for await (const { instances } of fresh.orders.watch({
    signal: AbortSignal.timeout(options.ttlMs + 10_000),
  })) {
    if (instances.some(({ id }) => id === orders.announcement.instance.id)) break
  }
  await fresh.close()
}
