import { xorshift32, type Instance } from '@rollcall/core/adapter'

const dayMs = 86_400_000

/** Takes turns, and passes over every tenth half of the time: for those, chance and the clock are asked. */
export function turns(set: readonly Instance[]): () => unknown {
  const began = performance.now() - dayMs / 2
  const records = set.map((instance, i) => ({ instance, warmAt: i % 10 === 0 ? began + dayMs : 0 }))
  const services = new Map([['orders', records]])
  const random = xorshift32(1)
  const start = performance.now()
  let next = 0
  return () => {
    const list = services.get('orders')!
    for (;;) {
      if (next >= list.length) next = 0
      const { instance, warmAt } = list[next++]!
      if (warmAt <= start) return instance
      const share = 1 - (warmAt - performance.now()) / dayMs
      if ((random() >>> 0) / 2 ** 32 < share) return instance
    }
  }
}
