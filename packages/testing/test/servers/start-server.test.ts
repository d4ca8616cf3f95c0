import { afterEach, describe, expect, test, vi } from 'vitest'
import { startServer } from '../../src/servers/index.js'
import { serversFolder } from '../../src/servers/binaries.js'
import { chooseSource } from '../../src/servers/source.js'
import { rawStores } from './raw-store.js'

afterEach(() => vi.unstubAllEnvs())

const usesContainers = process.env['ROLLCALL_SERVERS'] === 'containers'

describe('what there is to run', () => {
  test('a version that is not there is an error that says which are', async () => {
    const start = startServer('etcd', { how: 'process', version: '1.2.3' })
    await expect(start).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' })
    await expect(start).rejects.toThrow(/^etcd 1\.2\.3 is not installed.*fetch\.sh/)
  })

  test('no folder and nothing on PATH is an error that names the script and the variable', async () => {
    vi.stubEnv('ROLLCALL_SERVERS_DIR', '/nowhere')
    vi.stubEnv('PATH', '')
    for (const kind of ['consul', 'etcd', 'zookeeper'] as const) {
      await expect(startServer(kind, { how: 'process' })).rejects.toThrow(/scripts\/servers\/fetch\.sh/)
    }
    await expect(startServer('etcd', { how: 'process' })).rejects.toThrow(/ROLLCALL_SERVERS_DIR/)
    await expect(startServer('zookeeper', { how: 'process' })).rejects.toThrow(/ROLLCALL_ZOOKEEPER_HOME/)
  })

  test('a container is asked for where no engine answers: an error, not a process', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:9')
    vi.resetModules()
    // The client remembers its engine: a fresh one has none to remember.
    const fresh = await import('../../src/servers/source.js')
    const choice = fresh.chooseSource('etcd', { how: 'container' })
    await expect(choice).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' })
  })

  test('ROLLCALL_SERVERS decides for auto, and must be a word that is known', async () => {
    vi.stubEnv('ROLLCALL_SERVERS', 'processes')
    expect(await chooseSource('etcd', {})).toMatchObject({ how: 'process' })
    vi.stubEnv('ROLLCALL_SERVERS', 'process')
    await expect(chooseSource('etcd', {})).rejects.toThrow('use processes, containers or auto')
  })

  test.runIf(serversFolder())('a version is chosen by option or by variable', async () => {
    vi.stubEnv('ROLLCALL_ETCD_VERSION', '3.4.23')
    expect(await chooseSource('etcd', { how: 'process' })).toMatchObject({ version: '3.4.23' })
    expect(await chooseSource('etcd', { how: 'process', version: '3.5.16' })).toMatchObject({
      version: '3.5.16',
    })
  })

  test.runIf(usesContainers)(
    'an image is chosen by variable, and its tag must not contradict',
    async () => {
      vi.stubEnv('ROLLCALL_ETCD_IMAGE', 'rollcall-test/etcd')
      expect(await chooseSource('etcd', { how: 'container', version: '3.4.23' })).toMatchObject({
        image: 'rollcall-test/etcd:3.4.23',
      })
      vi.stubEnv('ROLLCALL_ETCD_IMAGE', 'rollcall-test/etcd:3.5.30')
      await expect(chooseSource('etcd', { how: 'container', version: '3.4.23' })).rejects.toThrow(
        'leave the tag out',
      )
      vi.stubEnv('ROLLCALL_ETCD_IMAGE', 'rollcall-test/none:1.0')
      await expect(chooseSource('etcd', { how: 'container' })).rejects.toThrow(
        /cannot be pulled.*ROLLCALL_ETCD_IMAGE/,
      )
    },
    30_000,
  )
})

describe('a start', () => {
  test('that fails says what the server said', async () => {
    const start = startServer('etcd', { electionTimeoutMs: 1 })
    await expect(start).rejects.toMatchObject({ code: 'SERVER_FAILED' })
    await expect(start).rejects.toThrow(/ended with 1; its output:[^]*election-timeout/)
  }, 30_000)

  test('that takes too long fails', async () => {
    const start = startServer('consul', { startupMs: 20 })
    await expect(start).rejects.toThrow(/is not (seen to be )?(answering|ready) (after|within) 20 ms/)
  }, 30_000)

  test.each([
    ['etcd', '3.4.23'],
    ['zookeeper', '3.8.0'],
  ] as const)(
    'works with %s %s too',
    async (kind, version) => {
      const server = await startServer(kind, { version })
      expect(server.version).toBe(version)
      await server.stop()
    },
    30_000,
  )

  test('of a Consul for development is forgetful', async () => {
    const server = await startServer('consul', { dev: true })
    await rawStores.consul.write(server, 'remembered')
    expect(await rawStores.consul.read(server)).toBe('remembered')
    await server.restart({ data: 'keep' })
    expect(await rawStores.consul.read(server)).toBeUndefined()
    await server.stop()
  }, 30_000)
})
