import { xorshift32, type Instance } from '@rollcall/core/adapter'
import { aliasTable, drawn } from './alias-table.js'

export function index(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', set]])
  const random = xorshift32(1)
  return () => {
    const list = services.get('orders')!
    return list[Math.floor(((random() >>> 0) / 2 ** 32) * list.length)]
  }
}

export function alias(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, ...aliasTable(set.map(({ weight }) => weight)) }]])
  const random = xorshift32(1)
  return () => {
    const { set: list, share, other } = services.get('orders')!
    return list[drawn(random, share, other)]
  }
}
