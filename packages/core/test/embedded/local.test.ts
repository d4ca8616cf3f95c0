import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { parseUrl, systemRandom, type Adapter } from '@rollcall/core/adapter'
import { local } from '../../src/embedded/local.js'
import { defaultFolder } from '../../src/embedded/private-folder.js'
import { ownIdentity } from '../../src/embedded/process-identity.js'
import { idsOf, instanceOf, look, never, openLocal, temporaryFolder } from './support/local.js'

function setup() {
  const clock = new ManualClock()
  const dir = join(temporaryFolder(), 'registry')
  return { clock, dir, adapter: openLocal(clock, dir), other: openLocal(clock, dir) }
}

/** Writes a record as some other process might have. */
function write(dir: string, id: string, wall: number, fields: object = {}): void {
  const file = join(dir, 'orders', `${id}~1.json`)
  const record = {
    id,
    host: '127.0.0.1',
    port: 80,
    incarnation: '1',
    ttlMs: 1_000,
    process: ownIdentity(),
    ...fields,
  }
  writeFileSync(file, JSON.stringify(record))
  utimesSync(file, wall / 1000, wall / 1000)
}

const dead = { ...ownIdentity(), pid: 2 ** 30 }

describe('local: leases', () => {
  it('run out by the wall clock, and say so even while the file is still there', async () => {
    const { clock, dir, adapter, other } = setup()
    const lease = await adapter.register!(instanceOf(), 1_000, never)
    await clock.advance(900)
    await lease.renew(never)
    await clock.advance(900)
    expect(await idsOf(other)).toEqual(['a'])
    await clock.advance(101)
    expect(await idsOf(other)).toEqual([])
    expect(readdirSync(join(dir, 'orders'))).toEqual(['a~1.json'])
    await expect(lease.renew(never)).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it('are seen to be renewed by a watch that read the file before', async () => {
    const { clock, adapter, other } = setup()
    const lease = await adapter.register!(instanceOf(), 1_000, never)
    const watch = other.watch('orders', never)[Symbol.asyncIterator]()
    for (let i = 0; i < 5; i++) {
      expect((await watch.next()).value.instances).toHaveLength(1)
      await clock.advance(600)
      await lease.renew(never)
      await clock.advance(300)
    }
  })

  it('are half a second at least', async () => {
    const { adapter } = setup()
    expect((await adapter.register!(instanceOf(), 100, never)).ttlMs).toBe(500)
  })

  it('end when the folder is swept away', async () => {
    const { dir, adapter } = setup()
    const lease = await adapter.register!(instanceOf(), 1_000, never)
    rmSync(dir, { recursive: true })
    expect(await idsOf(adapter)).toEqual([])
    await expect(lease.renew(never)).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await adapter.register!(instanceOf(), 1_000, never)
    expect(await idsOf(adapter)).toEqual(['a'])
  })
})

describe('local: two writers of one id', () => {
  it('converge to the newest, whatever the order and however they interleave', async () => {
    const { clock, dir } = setup()
    for (let round = 0; round < 10; round++) {
      const service = `round-${round}`
      const writers = Array.from({ length: 8 }, (_, i) => ({ i, adapter: openLocal(clock, dir) }))
      const results = await Promise.allSettled(
        writers
          .toSorted((a, b) => ((a.i * 5 + round) % 8) - ((b.i * 5 + round) % 8))
          .map(({ i, adapter }) =>
            adapter.register!(instanceOf({ service, incarnation: String(i) }), 1_000, never),
          ),
      )
      const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(codes.every((code) => code === 'REPLACED')).toBe(true)
      expect((await look(openLocal(clock, dir), service)).instances).toMatchObject([{ incarnation: '7' }])
      expect(readdirSync(join(dir, service))).toEqual(['a~7.json'])
    }
  })

  it('tell the older one at its next heartbeat', async () => {
    const { adapter, other } = setup()
    const lease = await adapter.register!(instanceOf(), 1_000, never)
    await other.register!(instanceOf({ incarnation: '2' }), 1_000, never)
    await expect(lease.renew(never)).rejects.toMatchObject({ code: 'REPLACED' })
  })

  it('give way to nobody who is dead', async () => {
    const { clock, dir, adapter } = setup()
    mkdirSync(join(dir, 'orders'), { recursive: true, mode: 0o700 })
    write(dir, 'a', clock.wall(), { incarnation: '9', process: dead })
    await adapter.register!(instanceOf(), 1_000, never)
    expect((await look(adapter)).instances).toMatchObject([{ incarnation: '1' }])
  })
})

describe('local: records of others', () => {
  async function withRecords() {
    const made = setup()
    await made.adapter.register!(instanceOf(), 60_000, never)
    return made
  }

  it('that cannot be read are skipped, with the reason', async () => {
    const { dir, adapter } = await withRecords()
    const files = {
      'half~1': '{"id": "h',
      'bare~1': '{"id":"b","ttlMs":1000}',
      'list~1': '[]',
      'null~1': 'null',
      'empty~1': '',
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'orders', `${name}.json`), text)
    mkdirSync(join(dir, 'orders', 'folder.json'))
    const { instances, skipped } = await look(adapter)
    expect(instances).toHaveLength(1)
    expect(Object.fromEntries(skipped.map(({ key, reason }) => [key, reason]))).toEqual({
      'orders/half~1.json': 'it is no JSON',
      'orders/empty~1.json': 'it is no JSON',
      'orders/null~1.json': 'it is no JSON object',
      'orders/list~1.json': 'it has no ttlMs',
      'orders/bare~1.json': 'it has no host',
      'orders/folder.json': 'it is no plain file',
    })
  })

  it('that are half written have another name, and are no record', async () => {
    const { dir, adapter } = await withRecords()
    writeFileSync(join(dir, 'orders', '1-2-3.tmp'), '{"id": "h')
    expect(await look(adapter)).toMatchObject({ instances: [{ id: 'a' }], skipped: [] })
  })

  it('of a process that has ended are not listed, however long their TTL', async () => {
    const { clock, dir, adapter } = await withRecords()
    write(dir, 'b', clock.wall(), { process: dead })
    expect(await idsOf(adapter)).toEqual(['a'])
  })

  it('of another container, or of a writer that names no process, live by their TTL alone', async () => {
    const { clock, dir, adapter } = await withRecords()
    write(dir, 'b', clock.wall(), { process: { ...dead, realm: 'elsewhere' } })
    write(dir, 'c', clock.wall(), { process: undefined })
    expect(await idsOf(adapter)).toEqual(['a', 'b', 'c'])
    await clock.advance(1_000)
    expect(await idsOf(adapter)).toEqual(['a'])
  })

  it('that are dead are removed by the next process that registers, and the living are not', async () => {
    const { clock, dir, other } = await withRecords()
    write(dir, 'dead', clock.wall(), { process: dead })
    write(dir, 'late', clock.wall() - 1_000)
    write(dir, 'lives', clock.wall())
    for (const [name, age] of [
      ['old.tmp', 60_001],
      ['new.tmp', 59_000],
    ] as const) {
      writeFileSync(join(dir, 'orders', name), '')
      utimesSync(join(dir, 'orders', name), (clock.wall() - age) / 1000, (clock.wall() - age) / 1000)
    }
    await other.register!(instanceOf({ id: 'n' }), 1_000, never)
    expect(readdirSync(join(dir, 'orders')).toSorted()).toEqual([
      'a~1.json',
      'lives~1.json',
      'new.tmp',
      'n~1.json',
    ])
  })
})

describe('local: watches', () => {
  it('give the same array while nothing changes', async () => {
    const { clock, adapter } = setup()
    await adapter.register!(instanceOf(), 60_000, never)
    const watch = adapter.watch('orders', never)[Symbol.asyncIterator]()
    const first = (await watch.next()).value.instances
    await clock.advance(100)
    expect((await watch.next()).value.instances).not.toBe(first)
    const second = (await watch.next()).value.instances
    await clock.advance(100)
    expect((await watch.next()).value.instances).toBe(second)
  })

  it('of services know only folders of ours', async () => {
    const { dir, adapter } = setup()
    await adapter.register!(instanceOf({ service: 'Orders.v2' }), 60_000, never)
    mkdirSync(join(dir, 'LOST+FOUND'))
    writeFileSync(join(dir, 'file'), '')
    const names = await adapter.watchServices!(never)[Symbol.asyncIterator]().next()
    expect(names.value).toEqual(['Orders.v2'])
  })
})

describe.skipIf(process.platform === 'win32')('local: the folder', () => {
  async function refusals(adapter: Adapter): Promise<unknown[]> {
    const verbs = [adapter.register!(instanceOf(), 1_000, never), look(adapter)]
    return (await Promise.allSettled(verbs)).map((result) => result.status === 'rejected' && result.reason)
  }

  it('is made for this user alone, and so are the files', async () => {
    const { dir, adapter } = setup()
    await adapter.register!(instanceOf(), 1_000, never)
    const mode = (...path: string[]) => lstatSync(join(dir, ...path)).mode & 0o777
    expect([mode(), mode('orders'), mode('orders', 'a~1.json')]).toEqual([0o700, 0o700, 0o600])
    const record = JSON.parse(readFileSync(join(dir, 'orders', 'a~1.json'), 'utf8'))
    expect(record).toMatchObject({ id: 'a', port: 80, ttlMs: 1_000, process: { pid: process.pid } })
  })

  it('is not made by who only watches', async () => {
    const { dir, adapter } = setup()
    expect(await idsOf(adapter)).toEqual([])
    expect(() => lstatSync(dir)).toThrow('ENOENT')
  })

  it.each([
    ['can be written by other users', (dir: string) => (mkdirSync(dir), chmodSync(dir, 0o770))],
    ['is a symbolic link', (dir: string) => (mkdirSync(`${dir}-real`), symlinkSync(`${dir}-real`, dir))],
    ['is no folder', (dir: string) => writeFileSync(dir, '')],
  ])('is refused when it %s', async (wrong, make) => {
    const { dir, adapter } = setup()
    make(dir)
    for (const error of await refusals(adapter)) {
      expect(error).toMatchObject({ code: 'MISCONFIGURED' })
      expect(String(error)).toMatch(/or set the option dir/)
    }
    expect(String((await refusals(adapter))[1])).toContain(`${dir} ${wrong}`)
  })

  it.runIf(process.getuid?.() === 0)('is refused when it belongs to another user', async () => {
    const { dir, adapter } = setup()
    mkdirSync(dir, { mode: 0o700 })
    chownSync(dir, 12_345, 12_345)
    for (const error of await refusals(adapter)) {
      expect(error).toMatchObject({
        code: 'MISCONFIGURED',
        message: expect.stringContaining('another user, 12345'),
      })
    }
  })

  it('is in XDG_RUNTIME_DIR, or else in the folder for temporary files', () => {
    expect(defaultFolder({ XDG_RUNTIME_DIR: '/run/user/1' })).toBe(
      `/run/user/1/rollcall-${process.getuid!()}`,
    )
    expect(defaultFolder({ XDG_RUNTIME_DIR: '' })).toBe(defaultFolder({}))
  })

  it('is named by the path or by the option, not by both', async () => {
    const { clock, dir, adapter } = setup()
    await adapter.register!(instanceOf(), 60_000, never)
    const context = { clock, random: systemRandom(), ttlMs: 15_000, warn() {} }
    const byPath = local.open(parseUrl(`local:${dir}`), { dir: undefined }, context)
    expect(await idsOf(byPath)).toEqual(['a'])
    expect(() => local.open(parseUrl(`local:${dir}`), { dir }, context)).toThrow(
      /dir and a path are both given/,
    )
  })
})
