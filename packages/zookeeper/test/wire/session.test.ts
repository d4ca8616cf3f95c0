import { ManualClock } from '@rollcall/testing'
import { xorshift32 } from '@rollcall/core/adapter'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client, getData, ZooKeeperError, type ClientSettings, type Session } from '../../src/wire/index.js'
import { FakeServer, password, readConnect, sendChange, type FakeRequest } from '../support/fake-server.js'

const pingXid = -2
const ops = { ping: 11, getData: 4, auth: 100, addWatch: 106, removeWatches: 18, closeSession: -11 }
const timeoutMs = 9_000

let clock: ManualClock
let fake: FakeServer
const clients: Client[] = []

beforeEach(async () => {
  clock = new ManualClock()
  fake = await FakeServer.listen()
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close(AbortSignal.abort())
  await fake.close()
})

function clientOf(settings: Partial<ClientSettings> = {}): Client {
  const client = new Client({ hosts: [fake.at], timeoutMs, clock, random: xorshift32(1), ...settings })
  clients.push(client)
  return client
}

const never = (): AbortSignal => new AbortController().signal

async function connected(client: Client): Promise<{ session: Session; hello: FakeRequest }> {
  const connecting = client.session(never())
  const hello = await fake.next()
  hello.grant()
  return { session: await connecting, hello }
}

/** Cuts the connection and waits until the client knows. */
async function cut(session: Session, { socket }: FakeRequest): Promise<void> {
  const pending = session.run(getData('/'))
  await fake.next()
  socket.resetAndDestroy()
  await expect(pending).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
}

const lost = (session: Session): Promise<unknown> => once(session.lost, 'abort')

describe('connecting', () => {
  it('asks for the timeout, and takes what is granted', async () => {
    const connecting = clientOf().session(never())
    const hello = await fake.next()
    expect(readConnect(hello)).toMatchObject({ timeoutMs, sessionId: 0n, lastZxid: 0n })
    hello.grant({ timeoutMs: 4_000, sessionId: 0x99n })
    expect(await connecting).toMatchObject({ timeoutMs: 4_000, id: 0x99n, isConnected: true })
  })

  it('leaves a host that accepts and stays silent, and tries the next one', async () => {
    const other = await FakeServer.listen()
    const connecting = clientOf({ hosts: [fake.at, other.at] }).session(never())
    const first = await Promise.race([fake.next().then(() => fake), other.next().then(() => other)])
    // A third of the timeout, shared by two hosts.
    await clock.advance(1_499)
    expect(fake.accepted + other.accepted).toBe(1)
    await clock.advance(1)
    const second = first === fake ? other : fake
    while (second.accepted === 0) await clock.settle()
    const hello = await Promise.race([fake.next(), other.next()])
    hello.grant()
    expect((await connecting).isConnected).toBe(true)
    await clients[0]!.close(AbortSignal.abort())
    await other.close()
  })

  it('names the host when none answers', async () => {
    const closed = await FakeServer.listen()
    await closed.close()
    const error: unknown = await clientOf({ hosts: [closed.at] })
      .session(never())
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ZooKeeperError)
    expect(error).toMatchObject({ code: 'CONNECTION_LOSS' })
    expect(String(error)).toContain(`127.0.0.1:${closed.port}`)
  })

  it('takes what speaks no ZooKeeper for a lost connection', async () => {
    const connecting = clientOf().session(never())
    const { socket } = await fake.next()
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
    await expect(connecting).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
  })

  it('is done once for all who want it, and given up with the last of them', async () => {
    const client = clientOf()
    const [first, second] = [new AbortController(), new AbortController()]
    const both = [client.session(first.signal), client.session(second.signal)]
    const { socket } = await fake.next()
    const closed = once(socket, 'close')
    first.abort(new Error('first'))
    await expect(both[0]).rejects.toThrow('first')
    expect(socket.destroyed).toBe(false)
    second.abort(new Error('second'))
    await expect(both[1]).rejects.toThrow('second')
    await closed
    expect(fake.accepted).toBe(1)
    expect(clock.timers).toBe(0)
    // The next one starts afresh.
    expect((await connected(client)).session.isConnected).toBe(true)
  })

  it('shows user and password before anything else', async () => {
    const connecting = clientOf({ auth: 'bob:secret' }).session(never())
    ;(await fake.next()).grant()
    const auth = await fake.next()
    expect(auth).toMatchObject({ xid: -4, type: ops.auth })
    auth.body.int()
    expect([auth.body.text(), auth.body.text()]).toEqual(['digest', 'bob:secret'])
    auth.answer()
    expect((await connecting).isConnected).toBe(true)
  })

  it('says so when the server refuses to authenticate', async () => {
    const connecting = clientOf({ auth: 'bob:secret' }).session(never())
    ;(await fake.next()).grant()
    ;(await fake.next()).refuse(-115)
    const error: unknown = await connecting.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'AUTH_FAILED' })
    expect(String(error)).not.toContain('secret')
  })
})

describe('requests', () => {
  it('are matched with their answers by number', async () => {
    const { session } = await connected(clientOf())
    const reads = ['/a', '/b'].map((path) => session.run(getData(path)))
    const [a, b] = [await fake.next(), await fake.next()]
    b.refuse(-101)
    a.refuse(-102)
    const [first, second] = await Promise.allSettled(reads)
    expect(String(first?.status === 'rejected' && first.reason)).toContain('NO_AUTH: getData /a')
    expect(String(second?.status === 'rejected' && second.reason)).toContain('NO_NODE: getData /b')
  })

  it('outlive error codes that nobody here knows', async () => {
    const { session } = await connected(clientOf())
    const reading = session.run(getData('/a'))
    ;(await fake.next()).refuse(-4711)
    await expect(reading).rejects.toMatchObject({ code: 'ERROR_-4711' })
    expect(session.isConnected).toBe(true)
  })

  it('reject when the connection ends, and are not kept for the next one', async () => {
    const client = clientOf()
    const { session, hello } = await connected(client)
    await cut(session, hello)
    await expect(session.run(getData('/b'))).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
    const again = client.session(never())
    ;(await fake.next()).grant()
    await again
    expect(fake.waiting).toBe(0)
  })

  it('never see half a packet of the connection before', async () => {
    const client = clientOf()
    const { session } = await connected(client)
    const reading = session.run(getData('/a'))
    const { socket } = await fake.next()
    socket.end(Buffer.from([0, 0, 0, 100, 1, 2, 3]))
    await expect(reading).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
    const again = (await connected(client)).session
    const second = again.run(getData('/a'))
    ;(await fake.next()).refuse(-101)
    await expect(second).rejects.toMatchObject({ code: 'NO_NODE' })
  })

  it('reject with the reason of their signal, and the late answer harms nobody', async () => {
    const { session } = await connected(clientOf())
    const controller = new AbortController()
    const reading = session.run(getData('/a'), controller.signal)
    const request = await fake.next()
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    request.refuse(-101)
    const second = session.run(getData('/b'))
    ;(await fake.next()).refuse(-102)
    await expect(second).rejects.toMatchObject({ code: 'NO_AUTH' })
  })

  it('end with the connection when an answer fits none of them', async () => {
    const { session } = await connected(clientOf())
    const reading = session.run(getData('/a'))
    const request = await fake.next()
    sendChange(request.socket, '/elsewhere')
    request.socket.write(Buffer.from([0, 0, 0, 16, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
    await expect(reading).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
  })
})

describe('signs of life', () => {
  it('a ping leaves after a third of the timeout in which nothing was sent', async () => {
    await connected(clientOf())
    await clock.advance(2_999)
    expect(fake.waiting).toBe(0)
    await clock.advance(1)
    expect(await fake.next()).toMatchObject({ xid: pingXid, type: ops.ping })
  })

  it('a server silent for two thirds of the timeout is left', async () => {
    const { session } = await connected(clientOf())
    const reading = session.run(getData('/a'))
    reading.catch(() => {})
    await clock.advance(5_999)
    expect(session.isConnected).toBe(true)
    await clock.advance(1)
    expect(session.isConnected).toBe(false)
    await expect(reading).rejects.toMatchObject({ cause: { message: expect.stringContaining('silent') } })
    expect(session.lost.aborted).toBe(false)
  })

  it('a server that answers pings is not', async () => {
    const { session } = await connected(clientOf())
    for (let i = 0; i < 5; i++) {
      await clock.advance(3_000)
      const renewed = session.renew(never())
      ;(await fake.next()).answer()
      ;(await fake.next()).answer()
      await renewed
    }
    expect(session.isConnected).toBe(true)
  })
})

describe('a session', () => {
  it('goes on at another connection, with the same id and password', async () => {
    const client = clientOf()
    const { session, hello } = await connected(client)
    await cut(session, hello)
    const again = client.session(never())
    const second = await fake.next()
    expect(readConnect(second)).toMatchObject({
      sessionId: 0x77n,
      password: password.toString(),
      lastZxid: 0n,
    })
    second.grant()
    expect(await again).toBe(session)
    expect(session.lost.aborted).toBe(false)
  })

  it('that the server knows no more is lost, and a new one is opened at once', async () => {
    const client = clientOf()
    const { session, hello } = await connected(client)
    await cut(session, hello)
    const again = client.session(never())
    ;(await fake.next()).grant({ timeoutMs: 0, sessionId: 0n })
    const third = await fake.next()
    expect(readConnect(third).sessionId).toBe(0n)
    third.grant({ sessionId: 0x78n })
    expect((await again).id).toBe(0x78n)
    expect(session.lost.reason).toMatchObject({ code: 'SESSION_EXPIRED' })
  })

  it('without a connection for its whole timeout is lost by our own clock', async () => {
    const { session, hello } = await connected(clientOf())
    await clock.advance(1_000)
    await cut(session, hello)
    await clock.advance(timeoutMs - 1_001)
    expect(session.lost.aborted).toBe(false)
    await clock.advance(1)
    expect(session.lost.aborted).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('that holds something ends when it is not renewed, though pings are answered', async () => {
    const { session } = await connected(clientOf())
    session.hold('/a')
    const ended = lost(session)
    for (let i = 0; i < 2; i++) {
      await clock.advance(3_000)
      ;(await fake.next()).answer()
      await clock.settle()
    }
    await clock.advance(2_999)
    expect(session.lost.aborted).toBe(false)
    await clock.advance(1)
    await ended
    // A ping is due at the same moment, and may come first.
    let request = await fake.next()
    if (request.type === ops.ping) request = await fake.next()
    expect(request.type).toBe(ops.closeSession)
  })

  it('that holds something lives on from the start of each renewal', async () => {
    const { session } = await connected(clientOf())
    session.hold('/a')
    await clock.advance(2_000)
    const renewed = session.renew(never())
    const ping = await fake.next()
    await clock.advance(500)
    ping.answer()
    await renewed
    await clock.advance(timeoutMs - 501)
    expect(session.lost.aborted).toBe(false)
    await clock.advance(1)
    expect(session.lost.aborted).toBe(true)
  })

  it('that holds nothing any more needs no renewal', async () => {
    const { session } = await connected(clientOf())
    session.hold('/a')
    session.drop('/a')
    for (let i = 0; i < 5; i++) {
      await clock.advance(3_000)
      ;(await fake.next()).answer()
      await clock.settle()
    }
    expect(session.isConnected).toBe(true)
  })
})

describe('a watch', () => {
  it('collects the paths below its node until they are asked for', async () => {
    const { session, hello } = await connected(clientOf())
    const watching = session.watch('/a', never())
    const request = await fake.next()
    expect(request.type).toBe(ops.addWatch)
    request.answer()
    const watch = await watching
    for (const path of ['/a/b', '/a/b', '/ab', '/a/c/d', '/']) sendChange(hello.socket, path)
    const reading = session.run(getData('/a'))
    ;(await fake.next()).refuse(-101)
    await reading.catch(() => {})
    expect([...(await watch.next(never()))]).toEqual(['/a/b', '/a/c/d'])
  })

  it('says nothing changed when the server was heard of', async () => {
    const { session } = await connected(clientOf())
    const watching = session.watch('/a', never())
    ;(await fake.next()).answer()
    const next = (await watching).next(never())
    await clock.advance(3_000)
    ;(await fake.next()).answer()
    expect((await next).size).toBe(0)
  })

  it('throws when the connection ends', async () => {
    const { session, hello } = await connected(clientOf())
    const watching = session.watch('/a', never())
    ;(await fake.next()).answer()
    const next = (await watching).next(never())
    hello.socket.resetAndDestroy()
    await expect(next).rejects.toMatchObject({ code: 'CONNECTION_LOSS' })
  })

  it('is taken back with its signal, once nobody else watches the node', async () => {
    const { session } = await connected(clientOf())
    const [first, second] = [new AbortController(), new AbortController()]
    const watching = [session.watch('/a', first.signal), session.watch('/a', second.signal)]
    ;(await fake.next()).answer()
    ;(await fake.next()).answer()
    const [watch] = await Promise.all(watching)
    const next = watch!.next(first.signal)
    first.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    expect(fake.waiting).toBe(0)
    second.abort()
    const request = await fake.next()
    expect([request.type, request.body.text()]).toEqual([ops.removeWatches, '/a'])
  })
})

describe('closing', () => {
  it('ends the session politely and leaves no timer', async () => {
    const client = clientOf()
    const { session } = await connected(client)
    const closing = client.close(never())
    const request = await fake.next()
    expect(request.type).toBe(ops.closeSession)
    request.answer()
    await closing
    expect(session.lost.aborted).toBe(true)
    expect(clock.timers).toBe(0)
    await expect(client.session(never())).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('ends by force with its signal', async () => {
    const client = clientOf()
    const { hello } = await connected(client)
    const controller = new AbortController()
    const closing = client.close(controller.signal)
    const closed = once(hello.socket, 'close')
    controller.abort()
    await closing
    await closed
    expect(clock.timers).toBe(0)
  })

  it('ends a connection that is being made', async () => {
    const client = clientOf()
    const connecting = client.session(never())
    const { socket } = await fake.next()
    const closed = once(socket, 'close')
    await client.close(never())
    await expect(connecting).rejects.toMatchObject({ code: 'CLOSED' })
    await closed
    expect(clock.timers).toBe(0)
  })
})
