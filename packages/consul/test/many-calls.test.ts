import Consul from 'consul'
import { Agent, type ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeConsul, lists, says, type FakeConsul } from './support/fake-consul.js'
import { instance, listed, listingWhere, opened, signal } from './support/opened.js'

describe('many calls at once', () => {
  let fake: FakeConsul
  let adapter: ReturnType<typeof opened>
  /** Requests without an answer as yet. */
  const held: (() => void)[] = []
  beforeEach(async () => {
    held.splice(0)
    fake = await fakeConsul((request, response: ServerResponse) => {
      if (request.url!.startsWith('/v1/agent/')) says(200, { AggregatedStatus: 'passing' })(request, response)
      else held.push(() => lists(1)(request, response))
    })
    adapter = opened(fake.url)
  })
  afterEach(async () => {
    vi.useRealTimers()
    await adapter.close(signal())
    await fake.close()
  })

  const sent = async (count: number): Promise<void> => {
    while (fake.requests.length < count) await turn()
  }
  const answerAll = (): void => held.splice(0).forEach((answer) => answer())
  const callMany = (count: number): Promise<unknown>[] => {
    const all = Array.from({ length: count }, () => listed(adapter))
    // Awaited later: some fail before.
    for (const one of all) one.catch(() => {})
    return all
  }

  it('each have their whole time from their turn on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const calls = callMany(20)
    for (const count of [4, 8, 12, 16, 20]) {
      await sent(count)
      vi.advanceTimersByTime(4_000)
      answerAll()
    }
    await Promise.all(calls)
  })

  it('have theirs too through a client of the user', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const agent = new Agent({ keepAlive: true, maxSockets: 2 })
    adapter = opened('consul:', { client: new Consul({ host: '127.0.0.1', port: fake.port, agent }) })
    const calls = callMany(3)
    for (const count of [1, 2, 3]) {
      await sent(count)
      vi.advanceTimersByTime(4_000)
      answerAll()
    }
    await Promise.all(calls)
    agent.destroy()
  })

  it('are each given up in their own time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const calls = callMany(5)
    await sent(4)
    vi.advanceTimersByTime(5_000)
    for (const call of calls.slice(0, 4)) {
      await expect(call).rejects.toMatchObject({ message: expect.stringMatching(/within 5000 ms/) })
    }
    await sent(5)
    held.at(-1)!()
    await calls[4]
  })

  it('let an aborted one go before its turn, and never send it', async () => {
    const calls = callMany(4)
    await sent(4)
    const ending = new AbortController()
    const waiting = listingWhere(adapter.watch('orders', ending.signal), () => true)
    const end = waiting.catch((error: unknown) => error)
    await turn()
    const reason = new Error('enough')
    ending.abort(reason)
    expect(await Promise.race([end, turn('still waiting')])).toBe(reason)
    answerAll()
    await Promise.all(calls)
    expect(fake.requests).toHaveLength(4)
  })

  it('are not sent any more after close', async () => {
    const calls = callMany(20)
    await sent(4)
    await adapter.close(signal())
    for (const call of calls.slice(4)) await expect(call).rejects.toMatchObject({ code: 'CLOSED' })
    expect(fake.requests).toHaveLength(4)
  })

  it('hold up no heartbeat, when nothing that is read has an answer', async () => {
    const lease = await adapter.register(instance(), 15_000, signal())
    const before = fake.requests.length
    const calls = callMany(40)
    await sent(before + 4)
    await lease.renew(signal())
    expect(fake.requests.at(-1)).toMatch(/^PUT \/v1\/agent\/check\/pass/)
    answerAll()
    while (fake.requests.length < before + 41) await turn().then(answerAll)
    answerAll()
    await Promise.all(calls)
  })
})
