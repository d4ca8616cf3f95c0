import { xorshift32, type Instance } from '@rollcall/core/adapter'

export function index(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', set]])
  const random = xorshift32(1)
  return () => {
    const list = services.get('orders')!
    return list[Math.floor(((random() >>> 0) / 2 ** 32) * list.length)]
  }
}

/** Walker's alias table in two typed arrays. */
export function alias(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, ...aliasTable(set.map(({ weight }) => weight)) }]])
  const random = xorshift32(1)
  return () => {
    const { set: list, share, other } = services.get('orders')!
    const place = ((random() >>> 0) / 2 ** 32) * list.length
    const column = Math.floor(place)
    return list[place - column < share[column]! ? column : other[column]!]
  }
}

function aliasTable(weights: readonly number[]): { share: Float64Array; other: Uint32Array } {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  const share = Float64Array.from(weights, (weight) => weight / mean)
  const other = new Uint32Array(weights.length)
  const columns = [...share.keys()]
  const poor = columns.filter((i) => share[i]! < 1)
  const rich = columns.filter((i) => share[i]! >= 1)
  while (poor.length > 0 && rich.length > 0) {
    const [taker, giver] = [poor.pop()!, rich.at(-1)!]
    other[taker] = giver
    share[giver]! -= 1 - share[taker]!
    if (share[giver]! < 1) poor.push(rich.pop()!)
  }
  return { share, other }
}
