import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import {
  breaksOff,
  fakeConsul,
  lists,
  neverAnswers,
  says,
  type FakeConsul,
  type Reply,
} from './support/fake-consul.js'
import { instance, listed, opened, signal } from './support/opened.js'

const entry = { Node: { Node: 'n', Address: '10.0.0.9' }, Service: { ID: 'a', Port: 1 }, Checks: [] }
const unknownService = says(404, { AggregatedStatus: 'critical', Service: null, Checks: null })

// After this long a request that nothing has ended is given up.
const callMs = 5_000

let fake: FakeConsul | undefined
let adapter: ReturnType<typeof opened>
afterEach(async () => {
  await adapter.close(signal())
  await fake?.close()
  fake = undefined
})

async function against(...replies: Reply[]): Promise<FakeConsul> {
  fake = await fakeConsul(...replies)
  adapter = opened(fake.url, { waitMs: 200 })
  return fake
}

async function pulls(count: number): Promise<void> {
  const ending = new AbortController()
  let left = count
  for await (const listing of adapter.watch('web', ending.signal)) {
    void listing
    if (--left === 0) break
  }
  ending.abort()
}

describe('the index', () => {
  const asked = async (...indices: (number | string)[]): Promise<string[]> => {
    const { requests } = await against(...indices.map((index) => lists(index)))
    await pulls(indices.length)
    return requests.map((request) => /index=(\d+)/.exec(request)?.[1] ?? 'now')
  }

  it('is followed, and each watch begins without one', async () => {
    expect(await asked(7, 9, 9)).toEqual(['now', '7', '9'])
  })

  it('is forgotten when it runs backwards', async () => {
    expect(await asked(7, 3, 4, 5)).toEqual(['now', '7', 'now', '4'])
  })

  it.each([0, -5])('counts as 1 when it is %i', async (index) => {
    expect(await asked(index, 1)).toEqual(['now', '1'])
  })

  it.each([{}, { 'x-consul-index': 'nonsense' }] as Record<string, string>[])(
    'must be in the answer, not %j',
    async (headers) => {
      await against(says(200, [], headers))
      await expect(listed(adapter)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(/X-Consul-Index/),
      })
    },
  )

  it('goes with the wait, the datacenter and the mode of reading', async () => {
    const { requests, url } = await against(lists(4))
    adapter = opened(url, { waitMs: 250, datacenter: 'dc2', stale: true })
    await pulls(2)
    expect(requests).toEqual([
      'GET /v1/health/service/web?dc=dc2&stale=true',
      'GET /v1/health/service/web?dc=dc2&stale=true&index=4&wait=250ms',
    ])
  })
})

describe('an answer of no use', () => {
  const list: [string, Reply, RegExp][] = [
    ['HTML', says(200, '<html>', { 'content-type': 'text/html', 'x-consul-index': '1' }), /no JSON/],
    ['nothing', says(200, '', { 'x-consul-index': '1' }), /no JSON/],
    ['half of it', says(200, '[{', { 'x-consul-index': '1' }), /no JSON/],
    ['no list', says(200, { a: 1 }, { 'x-consul-index': '1' }), /no list/],
    ['null', says(200, null, { 'x-consul-index': '1' }), /no list/],
    ['no leader', says(500, 'No cluster leader', { 'content-type': 'text/plain' }), /500.*No cluster leader/],
    ['a redirect', says(301, '', { location: '/elsewhere' }), /301/],
    ['too many', says(429, 'Your IP is issuing too many concurrent connections'), /too many connections/],
    ['a bad request', says(400, 'Bad index'), /400.*Bad index/],
    [
      'an unproven void',
      says(200, [], { 'x-consul-index': '1', 'x-consul-knownleader': 'false' }),
      /no leader/,
    ],
    ['a body that breaks off', breaksOff, /broke off/],
    ['a reset', (request) => request.socket.resetAndDestroy(), /the agent went away.*200 connections/],
    ['no HTTP', (request) => request.socket.end('hello\r\n\r\n'), /orders: Parse Error.*this is no HTTP/],
  ]

  it.each(list)('fails a watch: %s', async (_name, reply, message) => {
    await against(reply)
    const started = performance.now()
    await expect(listed(adapter)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(message),
    })
    expect(performance.now() - started).toBeLessThan(callMs)
  })

  it('is not taken from a store without leader if it holds something', async () => {
    await against(says(200, [entry], { 'x-consul-index': '1', 'x-consul-knownleader': 'false' }))
    expect((await listed(adapter)).instances).toHaveLength(1)
  })

  it.each(list.slice(0, 5))('fails a registration, before anything is written: %s', async (_name, reply) => {
    const { requests } = await against(reply)
    await expect(adapter.register(instance(), 15_000, signal())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    expect(requests).toEqual(['GET /v1/agent/health/service/id/orders%3Aorders-1?format=json'])
  })

  it('fails a watch that had begun', async () => {
    await against(lists(1), breaksOff)
    await expect(pulls(2)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/broke off/),
    })
  })

  it('fails the watch of services', async () => {
    await against(says(200, [], { 'x-consul-index': '1' }))
    const run = async (): Promise<void> => {
      for await (const names of adapter.watchServices(signal())) void names
    }
    await expect(run()).rejects.toMatchObject({ message: expect.stringMatching(/no object/) })
  })
})

describe('a refusal', () => {
  it.each([
    [401, 'nobody knows you'],
    [403, 'Permission denied'],
    [500, 'rpc error making call: ACL not found'],
    [400, 'Client sent an HTTP request to an HTTPS server.'],
  ])('is told as MISCONFIGURED: %i %s', async (status, text) => {
    await against(says(status, text))
    await expect(listed(adapter)).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await expect(adapter.register(instance(), 15_000, signal())).rejects.toMatchObject({
      code: 'MISCONFIGURED',
    })
    await expect(adapter.release(instance(), signal())).rejects.toMatchObject({ code: 'MISCONFIGURED' })
  })

  it('is known by its header where Consul sends one', async () => {
    await against(says(200, [], { 'x-consul-index': '1', 'x-consul-results-filtered-by-acls': 'true' }))
    await expect(listed(adapter)).rejects.toMatchObject({
      code: 'MISCONFIGURED',
      message: expect.stringMatching(/service:read/),
    })
  })

  it('never shows the token', async () => {
    const token = 'b1gs3cret'
    const { url, headers } = await against((request, response) => {
      response.writeHead(403).end(`refused: ${JSON.stringify(request.headers)}`)
    })
    adapter = opened(url, { token })
    const error = await listed(adapter).catch((e: unknown) => e)
    expect(headers[0]).toMatchObject({ 'x-consul-token': token })
    const { inspect } = await import('node:util')
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(token)
    expect((error as Error).message).toContain('***')
  })
})

describe('a heartbeat', () => {
  const leased = async (...replies: Reply[]) => {
    await against(unknownService, says(200, ''), ...replies)
    return adapter.register(instance(), 15_000, signal())
  }

  it.each([
    [500, 'CheckID "rollcall:x" does not have associated TTL'],
    [404, 'Unknown check ID "rollcall:x". Ensure that the check ID is passed, not the check name.'],
  ])('is LEASE_LOST for %i %s', async (status, text) => {
    const lease = await leased(says(status, text))
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it.each([
    [500, 'No cluster leader'],
    [404, 'page not found'],
  ])('is a passing fault for %i %s', async (status, text) => {
    const lease = await leased(says(status, text))
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('silence', () => {
  it('of an agent that answers late costs no more than the wait and 5 s', async () => {
    await against(lists(1), neverAnswers)
    await expect(pulls(2)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/within 5212\.5 ms/),
    })
  }, 30_000)

  it('ends with an abort in the same turn', async () => {
    await against(unknownService, neverAnswers)
    const ending = new AbortController()
    const registering = adapter.register(instance(), 15_000, ending.signal)
    await expect.poll(() => fake!.requests.length, { timeout: 5_000 }).toBe(2)
    const reason = new Error('enough')
    const end = registering.catch((error: unknown) => error)
    ending.abort(reason)
    expect(await Promise.race([end, turn('still waiting')])).toBe(reason)
  })

  it('ends with close', async () => {
    await against(lists(1), neverAnswers)
    const pulling = pulls(2)
    await expect.poll(() => fake!.requests.length, { timeout: 5_000 }).toBe(2)
    await adapter.close(signal())
    await expect(pulling).rejects.toThrow()
    await expect(listed(adapter)).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

it('releases what another deregistered meanwhile', async () => {
  const held = { AggregatedStatus: 'passing', Service: { Meta: { 'rollcall-incarnation': '0a' } } }
  await against(says(200, held), says(404, 'Unknown service ID "orders:orders-1".'))
  await adapter.release(instance(), signal())
})
