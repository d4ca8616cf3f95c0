import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Registry } from '@rollcall/core'
import { startServer } from '@rollcall/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { until } from '../support/until.js'

const ttlMs = 4_000
const kinds = ['consul', 'etcd', 'zookeeper', 'memory', 'local'] as const

type End = () => Promise<unknown>

/** A store to meet in, and what ends it. */
async function store(kind: (typeof kinds)[number]): Promise<{ url: string; end: End }> {
  if (kind === 'memory') return { url: 'memory:health', end: async () => {} }
  if (kind === 'local') {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-health-'))
    return { url: `local:${folder}`, end: () => rm(folder, { recursive: true, force: true }) }
  }
  const server = await startServer(kind)
  return { url: server.url, end: () => server.stop() }
}

describe.for(kinds)('%s, the health of an instance', { timeout: 120_000 }, (kind) => {
  const ends: End[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  })
  const joined = async (url: string): Promise<Registry> => {
    const registry = await connect(url, { ttlMs })
    ends.push(() => registry.close())
    return registry
  }

  test('reaches the callers: down and up again, registered throughout', async () => {
    const { url, end } = await store(kind)
    ends.push(end)
    const [sick, well, caller] = [await joined(url), await joined(url), await joined(url)]
    let isWell = true
    const health = { check: () => isWell, everyMs: 100 }
    const at = { service: 'orders', host: '127.0.0.1' }
    const announcement = await sick.announce({ ...at, port: 3001, id: 'sick', health })
    await well.announce({ ...at, port: 3002, id: 'well' })
    const lost: unknown[] = []
    sick.events.on('announcement.lost', (event) => lost.push(event))
    const view = caller.service('orders')
    const statuses = (): string =>
      (view.snapshot?.instances ?? [])
        .map(({ id, status }) => `${id} ${status}`)
        .toSorted()
        .join(', ')
    await until(statuses, (told) => told === 'sick up, well up', 20_000)

    isWell = false
    await until(statuses, (told) => told === 'sick down, well up', 20_000)
    // Longer than its lease: the heartbeats go on, and say the same.
    await sleep(ttlMs * 1.5)
    expect(statuses()).toBe('sick down, well up')
    expect(announcement).toMatchObject({ state: 'registered', healthy: false })
    expect(Array.from({ length: 10 }, () => view.pick().id)).not.toContain('sick')

    isWell = true
    await until(statuses, (told) => told === 'sick up, well up', 20_000)
    expect(Array.from({ length: 10 }, () => view.pick().id)).toContain('sick')
    expect(lost).toEqual([])
  })
})
