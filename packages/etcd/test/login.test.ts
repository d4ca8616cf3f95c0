import { expect, test } from 'vitest'
import { instanceOf, openEtcd, within } from './support/open.js'

test('a dozen adapters log in at once, and Node warns of no leak', async () => {
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => void warnings.push(name)
  process.on('warning', onWarning)
  try {
    const adapters = Array.from({ length: 12 }, () => openEtcd('etcd://bob:x@127.0.0.1:1'))
    const registering = adapters.map((adapter) => adapter.register(instanceOf(), 5_000, within()))
    for (const { status } of await Promise.allSettled(registering)) expect(status).toBe('rejected')
    await Promise.all(adapters.map((adapter) => adapter.close(within())))
  } finally {
    process.off('warning', onWarning)
  }
  expect(warnings).not.toContain('MaxListenersExceededWarning')
})
