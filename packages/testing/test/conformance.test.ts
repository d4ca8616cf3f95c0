import { describe, it } from 'vitest'
import { parseUrl, systemRandom } from '@rollcall/core/adapter'
import { ManualClock, describeAdapter } from '@rollcall/testing'
import { memory } from '../../core/src/embedded/memory.js'
import { MemoryStore } from '../../core/src/embedded/memory-store.js'

const runner = { describe, it }

function memoryHarness() {
  const clock = new ManualClock()
  const store = new MemoryStore({ clock })
  const fault = (begin: () => void) => ({ begin, end: () => store.up() })
  return {
    clock,
    open: (ttlMs: number) =>
      memory.open(parseUrl('memory:'), { store }, { clock, random: systemRandom(), ttlMs, warn() {} }),
    writeGarbage: (service: string, key: string) => store.putGarbage(service, key),
    outage: {
      freeze: fault(() => store.freeze()),
      cutOff: fault(() => store.down()),
      restart: (data: 'kept' | 'lost') => data === 'lost' && store.wipe(),
    },
  }
}

describeAdapter('memory', memoryHarness(), runner)
