import { describe, expect, it } from 'vitest'
import { readInstance, type Listing } from '@rollcall/core/adapter'
import { ManualClock, ScriptedAdapter, hangs, ignoresAbort, throws } from '@rollcall/testing'

const clock = new ManualClock()
const never = new AbortController().signal
const instance = readInstance({ service: 'orders', id: 'a', host: 'h', port: 1 })

function pull(adapter: ScriptedAdapter, signal = never): AsyncIterator<Listing> {
  return adapter.watch('orders', signal)[Symbol.asyncIterator]()
}

describe('ScriptedAdapter', () => {
  it('shows a watch what was listed last, never a queue', async () => {
    const adapter = new ScriptedAdapter()
    const watch = pull(adapter)
    const first = watch.next()
    await clock.settle()
    expect(adapter.waiting('orders')).toBe(1)
    adapter.list('orders', [])
    expect((await first).value.instances).toEqual([])
    adapter.list('orders', [])
    adapter.list('orders', [instance], { askAgainMs: 7 })
    expect((await watch.next()).value).toEqual({ instances: [instance], skipped: [], askAgainMs: 7 })
  })

  it('breaks the watches that are open, and lists for those that come after', async () => {
    const adapter = new ScriptedAdapter()
    adapter.list('orders', [])
    const [broken, ended] = [pull(adapter), pull(adapter)]
    await broken.next()
    adapter.endWatches('orders', new Error('cut'))
    await expect(broken.next()).rejects.toThrow('cut')
    await ended.next()
    adapter.endWatches('orders')
    expect(await ended.next()).toMatchObject({ done: true })
    expect(await pull(adapter).next()).toMatchObject({ done: false })
  })

  it('lets go of a watch that is aborted', async () => {
    const adapter = new ScriptedAdapter()
    const abort = new AbortController()
    const first = pull(adapter, abort.signal).next()
    await clock.settle()
    abort.abort('enough')
    await expect(first).rejects.toBe('enough')
    expect(adapter.waiting('orders')).toBe(0)
  })

  it('runs queued steps once each, then goes on as always, and counts', async () => {
    const adapter = new ScriptedAdapter()
    const abort = new AbortController()
    adapter.registering.next(throws(new Error('no')), hangs())
    await expect(adapter.register(instance, 10, never)).rejects.toThrow('no')
    const hanging = adapter.register(instance, 10, abort.signal)
    abort.abort('enough')
    await expect(hanging).rejects.toBe('enough')
    expect((await adapter.register(instance, 10, never)).ttlMs).toBe(10)
    expect(adapter.registering.count).toBe(3)
    expect(adapter.registering.calls[2]).toEqual([instance, 10, never])
  })

  it('has watches and renewals that fail, and a verb that hears no signal', async () => {
    const adapter = new ScriptedAdapter()
    adapter.watching.next(throws(new Error('refused')))
    await expect(pull(adapter).next()).rejects.toThrow('refused')
    await adapter.register(instance, 10, never)
    adapter.leases[0]!.renewing.next(throws(new Error('late')))
    await expect(adapter.leases[0]!.renew(never)).rejects.toThrow('late')
    let settled = false
    adapter.releasing.always(ignoresAbort())
    void adapter.release(instance, AbortSignal.abort()).finally(() => (settled = true))
    await clock.settle()
    expect(settled).toBe(false)
  })

  it('shares a lease when it says so, until that is lost', async () => {
    const adapter = new ScriptedAdapter({ sharedLease: true })
    const lease = await adapter.register(instance, 10, never)
    expect(await adapter.register(instance, 10, never)).toBe(lease)
    adapter.leases[0]!.lose()
    expect(lease.lost?.aborted).toBe(true)
    expect(await adapter.register(instance, 10, never)).not.toBe(lease)
  })
})
