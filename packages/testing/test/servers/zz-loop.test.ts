import { test, expect } from 'vitest'
import { startServer } from '../../src/servers/index.js'
import { rawStores } from './raw-store.js'
test.each(['consul', 'etcd', 'zookeeper'] as const)(
  'loop %s',
  async (kind) => {
    const s = await startServer(kind)
    const times: number[] = []
    const gap: number[] = []
    for (let i = 0; i < 15; i++) {
      await rawStores[kind].write(s, 'v' + i)
      await s.kill()
      const t = performance.now()
      const r = await s.restart({ data: 'keep' })
      times.push(Math.round(r.readyAt - t))
      gap.push(Math.round(r.readyAt - r.portAnsweredAt))
      expect(await rawStores[kind].read(s)).toBe('v' + i)
      if (kind === 'zookeeper') {
        await s.restart({ data: 'wipe' })
      }
    }
    console.log(kind, 'kill->ready', times.join(' '), 'port->ready', gap.join(' '))
    await s.stop()
  },
  120_000,
)
