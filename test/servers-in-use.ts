import { startServer } from '@rollcall/testing'

const kinds = ['consul', 'etcd', 'zookeeper'] as const

/** Says which real servers the tests run on, and fails before any of them when one cannot be had. */
export default async function setup(): Promise<void> {
  const used: string[] = []
  for (const kind of kinds) {
    const server = await startServer(kind)
    used.push(server.description)
    await server.stop()
  }
  console.log(`\nReal servers: ${used.join(', ')}\n`)
}
