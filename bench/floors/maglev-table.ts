import type { Instance } from '@rollcall/core/adapter'
import { hashOf, mixed } from './hash.js'

/** Maglev's table as its paper fills it: everybody in turn takes the next free place of an order of its own. */
export function maglevTable(set: readonly Instance[], size: number): Int32Array {
  const table = new Int32Array(size).fill(-1)
  const start = hashOf
  const place = set.map(({ id }) => (start(id) >>> 0) % size)
  const skip = set.map(({ id }) => ((mixed(start(id) ^ 0x5bd1e995) >>> 0) % (size - 1)) + 1)
  for (let filled = 0; ;) {
    for (let i = 0; i < set.length; i++) {
      let at = place[i]!
      while (table[at] !== -1) if ((at += skip[i]!) >= size) at -= size
      table[at] = i
      place[i] = at
      if (++filled === size) return table
    }
  }
}
