import { systemClock, xorshift32 } from '@rollcall/core/adapter'
import { FaultProxy, reservePorts, startServer, type TestServer } from '@rollcall/testing'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { removeWatches } from '../../src/wire/operations.js'
import {
  anyVersion,
  Client,
  create,
  getChildren,
  getData,
  hasCode,
  multi,
  remove,
  setData,
  stat,
  sync,
  ZooKeeperError,
  type Session,
} from '../../src/wire/index.js'
import { dialled } from '../support/dialled.js'

// Leaves the hosts in the order in which they are given.
const inOrder = (): number => -1
const data = (text: string): Buffer => Buffer.from(text)
const signal = (withinMs = 8_000): AbortSignal => AbortSignal.timeout(withinMs)

describe.each(['3.9.6', '3.8.0'])('against ZooKeeper %s', (version) => {
  let server: TestServer
  const clients: Client[] = []

  beforeAll(async () => {
    server = await startServer('zookeeper', { how: 'process', version, maxSessionTimeoutMs: 40_000 })
  })
  afterAll(() => server.stop())
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close(AbortSignal.timeout(5_000))
  })

  function clientOf(timeoutMs = 6_000, port = server.port): Client {
    const hosts = [{ host: '127.0.0.1', port }]
    const client = new Client({ hosts, timeoutMs, clock: systemClock, random: xorshift32(1) })
    clients.push(client)
    return client
  }

  const sessionOf = (client: Client): Promise<Session> => dialled(() => client.session(signal()))

  it('creates, reads, writes and removes', async () => {
    const session = await sessionOf(clientOf())
    await session.run(create('/a', data('1'), 'persistent'))
    await session.run(create('/a/b', data('2'), 'ephemeral'))
    expect(await session.run(getChildren('/a'))).toEqual(['b'])
    const { stat: before } = await session.run(getData('/a/b'))
    expect(before).toEqual({ version: 0, ephemeralOwner: session.id, childCount: 0 })
    expect(await session.run(setData('/a/b', data('3'), 0))).toMatchObject({ version: 1 })
    await expect(session.run(setData('/a/b', data('4'), 0))).rejects.toMatchObject({ code: 'BAD_VERSION' })
    expect((await session.run(getData('/a/b'))).data.toString()).toBe('3')
    expect(await session.run(stat('/a'))).toMatchObject({ childCount: 1 })
    await expect(session.run(remove('/a', anyVersion))).rejects.toMatchObject({ code: 'NOT_EMPTY' })
    await session.run(remove('/a/b', 1))
    await session.run(remove('/a', anyVersion))
    await expect(session.run(getData('/a'))).rejects.toMatchObject({ code: 'NO_NODE' })
    await session.run(sync('/nowhere'))
    expect(session.zxid > 0n).toBe(true)
  })

  it('does all of several things, or none and says which failed', async () => {
    const session = await sessionOf(clientOf())
    await session.run(create('/m', data('old'), 'ephemeral'))
    await session.run(multi([remove('/m', 0), create('/m', data('new'), 'ephemeral')]))
    expect((await session.run(getData('/m'))).data.toString()).toBe('new')
    const failing = session.run(
      multi([remove('/m', 0), remove('/none', 0), create('/n', data(''), 'ephemeral')]),
    )
    await expect(failing).rejects.toMatchObject({ code: 'NO_NODE' })
    expect((await session.run(getData('/m'))).data.toString()).toBe('new')
  })

  it('makes containers', async () => {
    const session = await sessionOf(clientOf())
    await session.run(create('/c', data(''), 'container'))
    await session.run(create('/c/x', data(''), 'ephemeral'))
    expect(await session.run(getChildren('/c'))).toEqual(['x'])
  })

  it('is refused for a node that is too large, and goes on with a new connection', async () => {
    const client = clientOf()
    const session = await sessionOf(client)
    const large = session.run(create('/large', Buffer.alloc(2 << 20), 'ephemeral'))
    await expect(large).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
    expect(await sessionOf(client)).toBe(session)
  })

  it('reads thousands of nodes, in frames larger than a megabyte', async () => {
    const session = await sessionOf(clientOf(20_000))
    const names = Array.from({ length: 5_000 }, (_, i) => `${'x'.repeat(250)}-${i}`)
    await session.run(create('/many', data(''), 'persistent'))
    const made = names.map((name) => create(`/many/${name}`, data(name), 'ephemeral'))
    expect((await session.runAll(made, signal(25_000))).filter((answer) => answer)).toEqual([])
    const listed = await session.run(getChildren('/many'))
    expect(listed.toSorted()).toEqual(names.toSorted())
    await session.run(remove(`/many/${names[7]}`, anyVersion))
    const read = await session.runAll(
      names.map((name) => getData(`/many/${name}`)),
      signal(25_000),
    )
    expect(read.map((one) => (one instanceof ZooKeeperError ? one.code : one.data.toString()))).toEqual(
      names.map((name, i) => (i === 7 ? 'NO_NODE' : name)),
    )
  }, 30_000)

  it('tells of every node that came and went below a watched one, even if that is still missing', async () => {
    const [watcher, writer] = [await sessionOf(clientOf()), await sessionOf(clientOf())]
    const ending = new AbortController()
    const watch = await watcher.watch('/w/x', ending.signal)
    for (const path of ['/w', '/w/x']) await writer.run(create(path, data(''), 'persistent'))
    const names = Array.from({ length: 100 }, (_, i) => `/w/x/${i}`)
    for (const path of names) void writer.run(create(path, data(''), 'persistent'))
    for (const path of names) void writer.run(remove(path, anyVersion))
    await writer.run(sync('/'))
    const seen = new Set<string>()
    while (seen.size < 101) for (const path of await watch.next(signal())) seen.add(path)
    expect(seen).toEqual(new Set(['/w/x', ...names]))
    ending.abort()
    // Taken back on the server too: it then knows no such watch.
    await watcher.run(sync('/'))
    await expect(watcher.run(removeWatches('/w/x'))).rejects.toMatchObject({ code: 'NO_WATCHER' })
  })

  it('keeps its ephemeral nodes when the connection is cut', async () => {
    const client = clientOf()
    const session = await sessionOf(client)
    await session.run(create('/kept', data(''), 'ephemeral'))
    const pending = session.run(getData('/kept'))
    server.proxy.dropConnections()
    await expect(pending).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
    expect(await sessionOf(client)).toBe(session)
    expect((await session.run(getData('/kept'))).stat.ephemeralOwner).toBe(session.id)
    expect(session.lost.aborted).toBe(false)
  })

  it('moves to another host with its session, when the one it is at goes mute', async () => {
    // Two ways to the same server: at first only one is open, then only the other.
    const { ports, release } = await reservePorts(1)
    const other = new FaultProxy(ports[0]!, { host: '127.0.0.1', port: server.directPort })
    const hosts = [server.port, other.port].map((port) => ({ host: '127.0.0.1', port }))
    const client = new Client({ hosts, timeoutMs: 6_000, clock: systemClock, random: inOrder })
    try {
      const session = await sessionOf(client)
      await session.run(create('/moving', data(''), 'ephemeral'))
      await other.pass()
      await server.cutOff()
      await expect(session.run(getData('/moving'))).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
      expect(await sessionOf(client)).toBe(session)
      expect((await session.run(getData('/moving'))).stat.ephemeralOwner).toBe(session.id)
    } finally {
      await client.close(signal())
      await server.restore()
      other.close()
      release()
    }
  }, 30_000)

  it('leaves a frozen server first, and loses the session later', async () => {
    const session = await sessionOf(clientOf(3_000))
    await server.freeze()
    try {
      const error: unknown = await session.run(getData('/')).catch((reason: unknown) => reason)
      const isLost = session.lost.aborted
      expect(error).toMatchObject({ code: 'CONNECTION_LOSS' })
      expect(isLost).toBe(false)
      await once(session.lost, 'abort')
    } finally {
      await server.thaw()
    }
  })

  it('gets a new session at once after an expiry, and the old nodes are gone', async () => {
    const client = clientOf(3_000)
    const session = await sessionOf(client)
    await session.run(create('/fleeting', data(''), 'ephemeral'))
    await server.cutOff('requests')
    const other = await sessionOf(clientOf(10_000, server.directPort))
    const watch = await other.watch('/fleeting', signal())
    if (await other.run(stat('/fleeting')).catch(() => undefined)) {
      let gone = false
      while (!gone) for (const path of await watch.next(signal())) gone ||= path === '/fleeting'
    }
    if (!session.lost.aborted) await once(session.lost, 'abort')
    await server.restore()
    expect(await sessionOf(client)).not.toBe(session)
  }, 30_000)

  it('gets a new session at once from a server that was wiped', async () => {
    const client = clientOf(40_000)
    const session = await sessionOf(client)
    await session.run(create('/wiped', data(''), 'persistent'))
    await server.restart({ data: 'wipe' })
    const again = await sessionOf(client)
    expect(again.id).not.toBe(session.id)
    await expect(again.run(getData('/wiped'))).rejects.toMatchObject({ code: 'NO_NODE' })
  }, 30_000)

  it('keeps session and nodes over a restart with data', async () => {
    const client = clientOf(40_000)
    const session = await sessionOf(client)
    await session.run(create('/again', data(''), 'ephemeral'))
    await server.restart({ data: 'keep' })
    expect(await sessionOf(client)).toBe(session)
    expect((await session.run(getData('/again'))).stat.ephemeralOwner).toBe(session.id)
  }, 30_000)

  it('closes a session so that its nodes are gone', async () => {
    const client = clientOf(10_000)
    const session = await sessionOf(client)
    await session.run(create('/closed', data(''), 'ephemeral'))
    await client.close(signal())
    const other = await sessionOf(clientOf())
    const error: unknown = await other.run(getData('/closed')).catch((reason: unknown) => reason)
    expect(hasCode(error, 'NO_NODE')).toBe(true)
  })
})
