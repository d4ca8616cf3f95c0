import type { TestServer } from '@rollcall/testing'

/** Asks a plain test server directly. */
export async function api(
  server: TestServer,
  method: 'GET' | 'PUT',
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${server.directPort}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}
