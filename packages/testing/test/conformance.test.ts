import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { parseUrl, systemClock, systemRandom } from '@rollcall/core/adapter'
import { ManualClock, describeAdapter } from '@rollcall/testing'
import { local } from '../../core/src/embedded/local.js'
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

const dir = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
afterAll(() => rmSync(dir, { recursive: true }))

describeAdapter(
  'local',
  {
    open: (ttlMs) =>
      local.open(
        parseUrl('local:'),
        { dir },
        { clock: systemClock, random: systemRandom(), ttlMs, warn() {} },
      ),
    ttlMs: 500,
    seenWithinMs: 2_000,
    writeGarbage: (service, key) => writeFileSync(join(dir, service, `${key}.json`), '{"id": "half'),
    outage: {
      // What a reboot without a disk, or a tidy cron job, does to a folder in /tmp.
      restart: () => rmSync(dir, { recursive: true }),
      restartData: ['lost'],
    },
  },
  runner,
)
