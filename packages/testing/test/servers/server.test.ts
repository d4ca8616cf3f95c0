import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../src/servers/index.js'
import type { TestServer } from '../../src/servers/index.js'
import { until } from '../../src/servers/until.js'
import { rawStores } from './raw-store.js'

const noAnswer = /no answer|abort|timeout/i
/** Where no answer is what is wanted. */
const withinMs = 1_000

describe.each(['consul', 'etcd', 'zookeeper'] as const)('%s', (kind) => {
  const raw = rawStores[kind]
  let server: TestServer

  beforeAll(async () => {
    server = await startServer(kind)
    console.info(server.description)
  }, 60_000)
  afterAll(() => server?.stop())

  test('says what it is', () => {
    expect(server.kind).toBe(kind)
    expect(server.description).toContain(`${kind} ${server.version} (${server.how}`)
    expect(server.url).toBe(`${kind}://127.0.0.1:${server.port}`)
    expect(server.directPort).not.toBe(server.port)
  })

  test('answers through its url', async () => {
    expect(await raw.ping(server)).not.toBe('')
  })

  test('refuses when killed, and has its data when restarted with it', async () => {
    const { url } = server
    await raw.write(server, 'kept')
    await server.kill()
    await expect(raw.ping(server)).rejects.toThrow('ECONNREFUSED')
    await expect(server.freeze()).rejects.toMatchObject({ code: 'SERVER_STATE' })
    const before = performance.now()
    const { portAnsweredAt, readyAt } = await server.restart({ data: 'keep' })
    expect(portAnsweredAt).toBeGreaterThan(before)
    expect(readyAt).toBeGreaterThanOrEqual(portAnsweredAt)
    expect(server.url).toBe(url)
    expect(await raw.read(server)).toBe('kept')
  }, 40_000)

  test('has forgotten all when restarted without its data, running or not', async () => {
    await server.restart({ data: 'wipe' })
    expect(await raw.read(server)).toBeUndefined()
  }, 40_000)

  test('is mute while frozen, and goes on when thawed', async () => {
    await server.freeze()
    await expect(raw.ping(server, { withinMs })).rejects.toThrow(noAnswer)
    await server.thaw()
    expect(await raw.ping(server)).not.toBe('')
  })

  test('can be killed and restarted while frozen', async () => {
    await server.freeze()
    await server.kill()
    await expect(raw.ping(server)).rejects.toThrow('ECONNREFUSED')
    await server.restart({ data: 'keep' })
    expect(await raw.ping(server)).not.toBe('')
  }, 40_000)

  test('is mute while cut off, though it runs on', async () => {
    await server.cutOff()
    const { accepted } = server.proxy
    await expect(raw.ping(server, { withinMs })).rejects.toThrow(noAnswer)
    expect(await until(() => server.proxy.accepted > accepted, 5_000)).toBe(true)
    await server.restore()
    expect(await raw.ping(server)).not.toBe('')
  })

  test('takes a request whose answer is lost', async () => {
    await server.cutOff('answers')
    // ZooKeeper's handshake needs an answer before there can be a request.
    if (kind === 'zookeeper') await expect(raw.ping(server, { withinMs })).rejects.toThrow(noAnswer)
    else await expect(raw.write(server, 'unanswered', { withinMs })).rejects.toThrow(noAnswer)
    await server.restore()
    // It may still be writing.
    const isWritten = async (): Promise<boolean> => (await raw.read(server)) === 'unanswered'
    if (kind !== 'zookeeper') expect(await until(isWritten, 5_000)).toBe(true)
  })

  test('resets and refuses on demand', async () => {
    await server.reset()
    await expect(raw.ping(server)).rejects.toThrow(/ECONNRESET|socket hang up/)
    server.refuse()
    await expect(raw.ping(server)).rejects.toThrow('ECONNREFUSED')
    await server.restore()
    expect(await raw.ping(server)).not.toBe('')
  })

  test('is slow on demand', async () => {
    server.latency(150)
    const before = performance.now()
    await raw.ping(server)
    expect(performance.now() - before).toBeGreaterThanOrEqual(290)
    await server.restore()
  })

  test('is gone when stopped', async () => {
    await server.stop()
    await expect(raw.ping(server)).rejects.toThrow('ECONNREFUSED')
    await expect(server.restart({ data: 'keep' })).rejects.toMatchObject({ code: 'SERVER_STATE' })
    await server.stop()
  })
})
