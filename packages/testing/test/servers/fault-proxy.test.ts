import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FaultProxy, reservePorts } from '../../src/servers/index.js'
import type { ReservedPorts } from '../../src/servers/index.js'
import { until } from '../../src/servers/until.js'

let reserved: ReservedPorts
let echo: Server
let atServer: Socket[]
let proxy: FaultProxy

beforeEach(async () => {
  atServer = []
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    atServer.push(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await once(echo.listen(0, '127.0.0.1'), 'listening')
  reserved = await reservePorts(1)
  proxy = new FaultProxy(reserved.ports[0]!, {
    host: '127.0.0.1',
    port: (echo.address() as AddressInfo).port,
  })
})

afterEach(async () => {
  proxy.close()
  reserved.release()
  atServer.forEach((socket) => socket.destroy())
  echo.close()
  await once(echo, 'close')
})

/** A client that keeps what it hears. */
class Client {
  heard = ''
  failure: string | undefined
  readonly socket: Socket

  constructor() {
    this.socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true })
    this.socket.on('data', (chunk: Buffer) => (this.heard += chunk.toString()))
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.failure = error.code))
  }

  say(text: string): void {
    this.socket.write(text)
  }

  hears(text: string): Promise<boolean | undefined> {
    return until(() => this.heard === text, 2_000, 2)
  }

  failsWith(code: string): Promise<boolean | undefined> {
    return until(() => this.failure === code, 2_000, 2)
  }
}

test('refuses until told to pass', async () => {
  expect(await new Client().failsWith('ECONNREFUSED')).toBe(true)
  await proxy.pass()
  const client = new Client()
  client.say('hello')
  expect(await client.hears('hello')).toBe(true)
})

test('counts connections and bytes', async () => {
  await proxy.pass()
  const client = new Client()
  client.say('hello')
  await client.hears('hello')
  expect([proxy.accepted, proxy.open, proxy.bytesToServer, proxy.bytesToClient]).toEqual([1, 1, 5, 5])
  client.socket.end()
  await once(client.socket, 'close')
  expect(await until(() => proxy.open === 0, 2_000)).toBe(true)
  expect(proxy.accepted).toBe(1)
})

test('passes each end on by itself', async () => {
  await proxy.pass()
  proxy.latency(30)
  const client = new Client()
  client.socket.end('last words')
  await once(client.socket, 'end')
  expect([client.heard, client.failure]).toEqual(['last words', undefined])
})

test('carries much, whole and in order, to a slow reader', async () => {
  await proxy.pass()
  proxy.latency(5)
  const client = new Client()
  const much = Array.from({ length: 200_000 }, (_, i) => `${i} `).join('')
  client.socket.pause()
  client.say(much)
  await sleep(100)
  client.socket.resume()
  await until(() => client.heard.length === much.length, 5_000)
  expect(client.heard === much).toBe(true)
})

test('a blackhole keeps connections and takes new ones, but passes nothing until it ends', async () => {
  await proxy.pass()
  const old = new Client()
  old.say('a')
  await old.hears('a')
  await proxy.blackhole()
  old.say('b')
  const fresh = new Client()
  await once(fresh.socket, 'connect')
  fresh.say('c')
  await sleep(60)
  expect([old.heard, fresh.heard, old.failure, fresh.failure]).toEqual(['a', '', undefined, undefined])
  expect([proxy.open, atServer.length]).toEqual([2, 1])
  await proxy.pass()
  expect(await old.hears('ab')).toBe(true)
  expect(await fresh.hears('c')).toBe(true)
})

test('a blackhole does not tell one side that the other is gone', async () => {
  await proxy.pass()
  const client = new Client()
  client.say('a')
  await client.hears('a')
  await proxy.blackhole()
  atServer[0]!.resetAndDestroy()
  await sleep(60)
  expect(client.failure).toBeUndefined()
  await proxy.pass()
  expect(await client.failsWith('ECONNRESET')).toBe(true)
})

test('a blackhole for answers lets requests through', async () => {
  await proxy.pass()
  const client = new Client()
  client.say('a')
  await client.hears('a')
  await proxy.blackhole('answers')
  let atEcho = ''
  atServer[0]!.on('data', (chunk: Buffer) => (atEcho += chunk.toString()))
  client.say('b')
  expect(await until(() => atEcho === 'b', 2_000, 2)).toBe(true)
  await sleep(30)
  expect(client.heard).toBe('a')
  await proxy.blackhole('requests')
  expect(await client.hears('ab')).toBe(true)
  client.say('c')
  await sleep(30)
  expect([atEcho, client.heard]).toEqual(['b', 'ab'])
})

test('resets what is open, and whatever comes', async () => {
  await proxy.pass()
  const old = new Client()
  old.say('a')
  await old.hears('a')
  await proxy.reset()
  expect(await old.failsWith('ECONNRESET')).toBe(true)
  expect(await new Client().failsWith('ECONNRESET')).toBe(true)
  expect(await until(() => proxy.open === 0, 2_000)).toBe(true)
})

test('drops connections once', async () => {
  await proxy.pass()
  const old = new Client()
  old.say('a')
  await old.hears('a')
  proxy.dropConnections()
  expect(await old.failsWith('ECONNRESET')).toBe(true)
  const fresh = new Client()
  fresh.say('b')
  expect(await fresh.hears('b')).toBe(true)
})

test('refuses and passes again on the same port', async () => {
  await proxy.pass()
  const old = new Client()
  old.say('a')
  await old.hears('a')
  proxy.refuse()
  expect(await old.failsWith('ECONNRESET')).toBe(true)
  expect(await new Client().failsWith('ECONNREFUSED')).toBe(true)
  await proxy.pass()
  const fresh = new Client()
  fresh.say('b')
  expect(await fresh.hears('b')).toBe(true)
})

test('resets a client whose server refuses', async () => {
  echo.close()
  await once(echo, 'close')
  await proxy.pass()
  expect(await new Client().failsWith('ECONNRESET')).toBe(true)
  echo.listen(0)
})

test('delays each way by itself, and keeps the order when the delay shrinks', async () => {
  await proxy.pass()
  const client = new Client()
  client.say('a')
  await client.hears('a')
  proxy.latency({ requests: 80, answers: 40 })
  const before = performance.now()
  client.say('b')
  // The delay is that of the moment when the proxy hears it.
  await until(() => proxy.bytesToServer === 2, 2_000, 1)
  proxy.latency(0)
  client.say('c')
  await client.hears('abc')
  expect(performance.now() - before).toBeGreaterThanOrEqual(78)
})

test('passes a reset of the server on', async () => {
  await proxy.pass()
  const client = new Client()
  client.say('a')
  await client.hears('a')
  atServer[0]!.resetAndDestroy()
  expect(await client.failsWith('ECONNRESET')).toBe(true)
})
