import type { Instance } from '@rollcall/core/adapter'

export function counter(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', set]])
  let next = 0
  return () => {
    const list = services.get('orders')!
    if (next >= list.length) next = 0
    return list[next++]
  }
}

/** Everybody as often as its weight says, spread evenly, written down beforehand: O(N x weights) to build, as it is. */
export function weightedCycle(set: readonly Instance[]): () => unknown {
  const turns = set.flatMap((instance, i) =>
    Array.from({ length: instance.weight }, (_, turn) => ({
      instance,
      at: (turn + (i % 97) / 97) / instance.weight,
    })),
  )
  return counter(turns.toSorted((a, b) => a.at - b.at).map(({ instance }) => instance))
}
