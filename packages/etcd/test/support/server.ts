import { startServer, type EtcdOptions, type TestServer } from '@rollcall/testing'

const wanted = process.env['ROLLCALL_ETCD_VERSION']

/** The versions that the suites run on: the newest and the oldest that are at hand, or the one asked for. */
export const versions: readonly [string, ...string[]] = wanted ? [wanted] : ['3.5.30', '3.4.23']

export function startEtcd(options: EtcdOptions = {}): Promise<TestServer> {
  return startServer('etcd', { version: versions[0], ...options })
}

/** Does `work` with a server of its own, which goes whatever comes of it. */
export async function withEtcd<T>(
  options: EtcdOptions,
  work: (server: TestServer) => Promise<T>,
): Promise<T> {
  const server = await startEtcd(options)
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}
