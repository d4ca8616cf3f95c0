import type { TestServer } from '@rollcall/testing'
import zookeeper from 'node-zookeeper-client'

/** Reads a service's ids past all code of ours: what the store itself says, on a connection that no fault touches. */
export function rawIds(server: TestServer, service: string): Promise<string[]> {
  const port = server.directPort
  switch (server.kind) {
    case 'consul':
      return consulIds(port, service)
    case 'etcd':
      return etcdIds(port, service)
    case 'zookeeper':
      return zookeeperIds(port, service)
  }
}

async function consulIds(port: number, service: string): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/health/service/${service}?passing=true`)
  const entries = (await response.json()) as { Service: { ID: string } }[]
  // An agent knows one service an id, so that ours begin with the name.
  return entries.map(({ Service }) => Service.ID.replace(`${service}:`, ''))
}

async function etcdIds(port: number, service: string): Promise<string[]> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const prefix = `/services/${service}/`
  // The first key after all that begin with the prefix: its last character, '/', plus one is '0'.
  const body = { key: base64(prefix), range_end: base64(`/services/${service}0`), keys_only: true }
  const response = await fetch(`http://127.0.0.1:${port}/v3/kv/range`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  const { kvs = [] } = (await response.json()) as { kvs?: { key: string }[] }
  return kvs.map(({ key }) => Buffer.from(key, 'base64').toString().slice(prefix.length))
}

function zookeeperIds(port: number, service: string): Promise<string[]> {
  const client = zookeeper.createClient(`127.0.0.1:${port}`, { sessionTimeout: 5000, retries: 0 })
  return new Promise<string[]>((resolve, reject) => {
    client.once('connected', () => {
      client.getChildren(`/services/${service}`, (error, children) => {
        if (error && error.name !== 'NO_NODE') reject(new Error(error.name))
        else resolve(error ? [] : children)
      })
    })
    client.connect()
  }).finally(() => client.close())
}
