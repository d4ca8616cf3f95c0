import type { Adapter } from '@rollcall/core/adapter'
import { ManualClock } from '@rollcall/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JuteWriter } from '../src/wire/jute.js'
import { FakeServer, type FakeRequest } from './support/fake-server.js'
import { instance, opened, signal } from './support/opened.js'

const ops = { create: 1, getData: 4, multi: 14 }
const nodeExists = -110
const noNode = -101
const inconsistent = -2

let fake: FakeServer
let adapter: Required<Adapter>

beforeEach(async () => {
  fake = await FakeServer.listen()
  adapter = opened(`zookeeper://127.0.0.1:${fake.port}`, { clock: new ManualClock() })
})
afterEach(async () => {
  await adapter.close(AbortSignal.abort())
  await fake.close()
})

async function next(type: number): Promise<FakeRequest> {
  const request = await fake.next()
  expect(request.type).toBe(type)
  return request
}

/** An answer to getData: a node of another session. */
function ghost(out: JuteWriter): void {
  out.buffer(Buffer.from('{}'))
  for (let i = 0; i < 4; i++) out.long(1n)
  out.int(0).int(0).int(0).long(0x66n).int(2).int(0).long(1n)
}

/** An answer to `multi`: none was done, for want of the node to be removed. */
function noneDone(out: JuteWriter): void {
  for (const error of [noNode, inconsistent]) out.int(-1).bool(false).int(error).int(error)
  out.int(-1).bool(true).int(-1)
}

it.each([
  ['read', async () => (await next(ops.getData)).refuse(noNode)],
  [
    'replaced',
    async () => {
      ;(await next(ops.getData)).answer(ghost)
      ;(await next(ops.multi)).answer(noneDone)
    },
  ],
])('a node that its older session takes away before it can be %s is made anew', async (_, goes) => {
  const registering = adapter.register(instance(), 4_000, signal())
  ;(await fake.next()).grant()
  ;(await next(ops.create)).refuse(nodeExists)
  await goes()
  ;(await next(ops.create)).answer((out) => out.text('/services/orders/orders-1'))
  expect((await registering).ttlMs).toBe(9_000)
})

it('one that comes and goes again and again is left to the next attempt', async () => {
  const registering = adapter.register(instance(), 4_000, signal()).catch((reason: unknown) => reason)
  ;(await fake.next()).grant()
  for (let i = 0; i < 2; i++) {
    ;(await next(ops.create)).refuse(nodeExists)
    ;(await next(ops.getData)).refuse(noNode)
  }
  expect(await registering).toMatchObject({ code: 'NO_NODE' })
  expect(fake.waiting).toBe(0)
})
