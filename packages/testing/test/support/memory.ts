import { parseUrl, systemRandom, type Adapter } from '@rollcall/core/adapter'
import { ManualClock, type Harness } from '@rollcall/testing'
import { memory } from '../../../core/src/embedded/memory.js'
import { MemoryStore } from '../../../core/src/embedded/memory-store.js'

/** A harness on a memory store under a manual clock, whose adapters may be replaced by broken ones. */
export function memoryHarness(
  change: (adapter: Adapter, store: MemoryStore) => Adapter = (adapter) => adapter,
): Harness & { clock: ManualClock } {
  const clock = new ManualClock()
  const store = new MemoryStore({ clock })
  const fault = (begin: () => void) => ({ begin, end: () => store.up() })
  return {
    clock,
    open(ttlMs) {
      const context = { clock, random: systemRandom(), ttlMs, warn() {} }
      return change(memory.open(parseUrl('memory:'), { store }, context), store)
    },
    writeGarbage: (service, key) => store.putGarbage(service, key),
    outage: {
      freeze: fault(() => store.freeze()),
      cutOff: fault(() => store.down()),
      restart(data) {
        store.down()
        if (data === 'lost') store.wipe()
        store.up()
      },
    },
  }
}
