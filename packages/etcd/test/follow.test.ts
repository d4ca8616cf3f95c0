import type { TestServer } from '@rollcall/testing'
import { Etcd3 } from 'etcd3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { follow } from '../src/wire/observe.js'
import { within } from './support/open.js'
import { startEtcd, versions } from './support/server.js'
import { RawReader } from './support/raw-reader.js'

describe.each(versions)('following keys of etcd %s', (version) => {
  let server: TestServer
  let raw: RawReader
  let client: Etcd3

  beforeAll(async () => {
    server = await startEtcd({ version })
    raw = new RawReader(server.directPort)
    client = new Etcd3({ hosts: `127.0.0.1:${server.directPort}` })
    for (let i = 0; i < 5; i++) await raw.put('/k/a', `${i}`)
  })
  afterAll(async () => {
    client.close()
    raw.close()
    await server.stop()
  })

  const following = async (revision: string, changes: string[]) => {
    const observer = {
      put: (key: string, value: string) => void changes.push(`${key}=${value}`),
      remove: (key: string) => void changes.push(`-${key}`),
    }
    const stream = await client.watchClient.watch()
    const listing = follow(stream, { prefix: '/k/', revision }, observer, within())
    const next = () => listing.next()
    // How often it yields is the server's affair: it may put changes together, and the last may ring after it was told.
    const until = async (isEnough: () => boolean) => {
      while (!isEnough()) await next()
    }
    return { next, until, end: () => stream.cancel() }
  }

  test('tells every change after the revision, and none before', async () => {
    const changes: string[] = []
    const { until, end } = await following('3', changes)
    await until(() => changes.length >= 3)
    expect(changes).toEqual(['/k/a=2', '/k/a=3', '/k/a=4'])
    await raw.remove('/k/')
    await until(() => changes.length > 3)
    expect(changes.slice(3)).toEqual(['-/k/a'])
    end()
    await expect(until(() => false)).rejects.toThrow(/CANCELLED/)
  })

  test('a revision of a store that was wiped since is an error, not silence', async () => {
    const { next, end } = await following('1000', [])
    await expect(next()).rejects.toThrow(/etcd is at revision \d+, and was at 1000 a moment ago/)
    end()
  })

  test('a compacted revision is an error', async () => {
    await raw.compact()
    const { next, end } = await following('2', [])
    await expect(next()).rejects.toThrow(/etcd cancelled the watch: compacted up to \d+/)
    end()
  })
})
