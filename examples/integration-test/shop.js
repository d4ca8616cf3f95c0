import { connect } from '@rollcall/core'

/** A client as you may have it: it asks the orders service, wherever that runs. */
export async function openShop(registryUrl, options) {
  const registry = await connect(registryUrl, options)
  const orders = registry.service('orders')
  return {
    orders,
    fetchOrder: (number) =>
      orders.call(
        async ({ url }, { signal }) => {
          const response = await fetch(new URL(`/${number}`, url), { signal })
          return { status: response.status, text: await response.text() }
        },
        { idempotent: true },
      ),
    close: () => registry.close(),
  }
}
