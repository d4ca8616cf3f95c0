import type { TestServer } from '@rollcall/testing'
import zookeeper from 'node-zookeeper-client'

/** Makes the credentials known as `wrong` right ones, as an administrator would. */
export function mendCredentials(server: TestServer): Promise<void> {
  switch (server.kind) {
    case 'consul':
      return addConsulToken(server)
    case 'etcd':
      return changeEtcdPassword(server)
    case 'zookeeper':
      return openZookeeper(server)
  }
}

async function addConsulToken({ directPort, credentials }: TestServer): Promise<void> {
  await put(`http://127.0.0.1:${directPort}/v1/acl/token`, 'PUT', {
    headers: { 'x-consul-token': credentials!.admin.token! },
    body: { SecretID: credentials!.wrong.token, Policies: [{ Name: 'user' }] },
  })
}

async function changeEtcdPassword({ directPort, credentials }: TestServer): Promise<void> {
  const { admin, wrong } = credentials!
  const root = `http://127.0.0.1:${directPort}/v3/auth`
  const login = await put(`${root}/authenticate`, 'POST', {
    body: { name: admin.username, password: admin.password },
  })
  const { token } = (await login.json()) as { token: string }
  const body = { name: wrong.username, password: wrong.password }
  await put(`${root}/user/changepw`, 'POST', { headers: { authorization: token }, body })
}

function openZookeeper({ directPort, credentials }: TestServer): Promise<void> {
  const { username, password } = credentials!.admin
  const client = zookeeper.createClient(`127.0.0.1:${directPort}`, { sessionTimeout: 5000, retries: 0 })
  const open = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      client.setACL(path, zookeeper.ACL.OPEN_ACL_UNSAFE, -1, (error) => (error ? reject(error) : resolve()))
    })
  return new Promise<void>((resolve, reject) => {
    client.once('connected', () => {
      client.addAuthInfo('digest', Buffer.from(`${username}:${password}`))
      Promise.all(['/', '/services', '/services/web'].map(open)).then(() => resolve(), reject)
    })
    client.connect()
  }).finally(() => client.close())
}

async function put(
  url: string,
  method: string,
  { headers = {}, body }: { headers?: Record<string, string>; body: object },
): Promise<Response> {
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response
}
