import { setTimeout as sleep } from 'node:timers/promises'
import { openRegistry } from './registry.js'

const registry = await openRegistry()
const orders = registry.service('orders')

// Only because nobody may have been started yet: a call for a service that nobody announces fails at once.
for await (const { instances } of orders.watch()) if (instances.length >= 2) break
process.send?.('calling')

const fetchOrder =
  (number) =>
  async ({ url }, { signal }) => {
    const response = await fetch(new URL(`/${number}`, url), { signal })
    return { status: response.status, text: await response.text() }
  }

const answeredBy = new Set()
let failed = 0
for (let number = 1; number <= 50; number++) {
  try {
    const { text } = await orders.call(fetchOrder(number), { idempotent: true })
    answeredBy.add(text.split(' by ')[1])
  } catch (error) {
    failed++
    console.log(`caller: ${error.message}`)
  }
  await sleep(40)
}

console.log(`caller: 50 calls, ${failed} failed, answered by ${answeredBy.size} processes`)
process.exitCode = failed === 0 ? 0 : 1
await registry.close()
