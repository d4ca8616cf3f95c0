import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { parseUrl, systemClock, systemRandom } from '@rollcall/core/adapter'
import { describeAdapter } from '@rollcall/testing'
import { local } from '../../core/src/embedded/local.js'
import { memoryHarness } from './support/memory.js'

const runner = { describe, it }

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
