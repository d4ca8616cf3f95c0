import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type ConnectOptions, type Registry, type ServiceView } from '@rollcall/core'
import { startServer, type TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rawIds } from '../../lab/src/raw-reader.js'
import { expiryShows } from './consul-expiry.js'
import { ServiceProcess } from './service-process.js'
import { SteadyCaller } from './steady-caller.js'
import { until } from './until.js'

export type BackendKind = 'consul' | 'etcd' | 'zookeeper'

const ttlMs = 4000
const options = { ttlMs } satisfies ConnectOptions
/** TTL, the store's own delay and what the guard may add, beyond the moment the store can be reached again. */
const recoveryMs = ttlMs + 10_000

/** Runs every fault against one kind of real server, with services in processes of their own and calls going on. */
export function describeFaults(kind: BackendKind): void {
  describe(`${kind} under faults`, { timeout: 120_000 }, () => {
    let server: TestServer
    let services: ServiceProcess[] = []
    let registry: Registry | undefined
    let view: ServiceView
    let caller: SteadyCaller | undefined

    beforeAll(async () => {
      server = await startServer(kind)
      console.log(`faults run on ${server.description}`)
    }, 120_000)
    afterAll(() => server?.stop())
    afterEach(async () => {
      await caller?.stop()
      await registry?.close()
      await Promise.all(services.map((service) => service.kill()))
      services = []
      registry = undefined
      caller = undefined
    })

    const liveIds = (): string[] => services.flatMap(({ ids }) => ids).toSorted()
    /** Those that the store itself lists: one that the guard holds is not back yet. */
    const listed = (): string[] =>
      (view.snapshot?.instances ?? [])
        .filter(({ id, status }) => status === 'up' && !view.snapshot?.held.has(id))
        .map(({ id }) => id)
    const allBack = async (): Promise<void> => {
      const wanted = liveIds().join()
      await until(
        () => rawIds(server, 'orders').catch((): string[] => []),
        (ids) => ids.toSorted().join() === wanted,
        recoveryMs,
      )
      await until(listed, (ids) => ids.join() === wanted, recoveryMs)
    }
    const assemble = async (): Promise<void> => {
      await startServices()
      await openView()
      await until(listed, (ids) => ids.length === 3, recoveryMs)
      caller = new SteadyCaller(view)
    }
    const startServices = async (): Promise<void> => {
      const start = (): Promise<ServiceProcess> => ServiceProcess.start({ url: server.url, options })
      services = await Promise.all([start(), start(), start()])
    }
    const openView = async (): Promise<void> => {
      registry = await connect(server.url, options)
      view = registry.service('orders')
    }
    /** Calls went on, every process ends by itself, and nobody left a rejection unhandled. */
    const endWell = async (): Promise<void> => {
      // A store may be back sooner than so many calls take.
      await until(
        () => caller?.made ?? 0,
        (made) => made > 20,
        recoveryMs,
      )
      await caller?.stop()
      expect(caller?.failed).toEqual([])
      expect(await Promise.all(services.map((service) => service.end()))).toEqual(services.map(() => 0))
      expect(services.flatMap(({ unhandled }) => unhandled)).toEqual([])
      await until(
        () => rawIds(server, 'orders'),
        (ids) => ids.length === 0,
        recoveryMs,
      )
    }

    /** Every process ends by itself, and none waits for a dead store beyond the limit of 5 s. */
    const endSoon = async (): Promise<void> => {
      expect(await Promise.all(services.map((service) => service.end()))).toEqual([0, 0, 0])
      for (const { closedInMs } of services) expect(closedInMs).toBeLessThan(7_000)
    }

    test('killed and restarted with its data', async () => {
      await assemble()
      await server.kill()
      await sleep(1500)
      await server.restart({ data: 'keep' })
      await allBack()
      await endWell()
    })

    test('killed and restarted without its data', async () => {
      await assemble()
      await server.kill()
      await sleep(500)
      await server.restart({ data: 'wipe' })
      await allBack()
      await endWell()
    })

    test('frozen beyond the TTL', async () => {
      await assemble()
      await server.freeze()
      await sleep(ttlMs * 2)
      await server.thaw()
      await allBack()
      await endWell()
    })

    test('cut off beyond the TTL', async () => {
      await assemble()
      await server.cutOff()
      await sleep(ttlMs * 2.5)
      await server.restore()
      await allBack()
      await endWell()
    })

    test('down when everybody starts, up later', async () => {
      await server.kill()
      await startServices()
      await openView()
      await expect(view.ready({ signal: AbortSignal.timeout(500) })).rejects.toThrow()
      await server.restart({ data: 'keep' })
      await allBack()
      caller = new SteadyCaller(view)
      await sleep(1500)
      await endWell()
    })

    test('an instance killed: gone within its TTL, and no call fails', async () => {
      if (kind === 'consul') await expiryShows(`http://127.0.0.1:${server.directPort}`)
      await assemble()
      const [dead] = services.splice(0, 1)
      await dead!.kill()
      const { goneAfterMs } = registry!.capabilities
      await until(listed, (ids) => !ids.includes(dead!.ids[0]!), ttlMs + goneAfterMs + 2000)
      await allBack()
      await endWell()
    })

    test('a killed server holds up neither leaving nor closing', async () => {
      await assemble()
      await caller?.stop()
      caller = undefined
      await server.kill()
      const start = performance.now()
      await registry!.close()
      expect(performance.now() - start).toBeLessThan(5500)
      await endSoon()
      await server.restart({ data: 'keep' })
    })

    test('a frozen server holds up neither leaving nor closing', async () => {
      await assemble()
      await caller?.stop()
      caller = undefined
      await server.freeze()
      const start = performance.now()
      await registry!.close()
      expect(performance.now() - start).toBeLessThan(5500)
      await endSoon()
      await server.thaw()
    })
  })
}
