import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startServer, type ServerKind } from '@rollcall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runSnippet } from './support/run-snippet.js'
import { backendOf, documents, printedBy, removeScratch, snippetsOf } from './support/snippets.js'

const kinds: readonly ServerKind[] = ['consul', 'etcd', 'zookeeper']
const runnable = documents()
  .flatMap(snippetsOf)
  .filter((snippet) => kinds.some((kind) => kind === backendOf(snippet)))

/** Stands for the service that a snippet announces. */
let service: Server
beforeAll(async () => {
  service = createServer((_, response) => response.end('well'))
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
})

afterAll(() => {
  service.close()
  removeScratch()
})

describe('the code in documents that needs a server', () => {
  it.each(runnable.map((snippet) => [snippet.at, snippet] as const))(
    '%s runs on a real one, and prints what it says',
    { timeout: 60_000 },
    async (_, snippet) => {
      const server = await startServer(backendOf(snippet) as ServerKind)
      try {
        const { port } = service.address() as AddressInfo
        const code = snippet.code
          .replace(/connect\('[a-z]+:[^']*'/, `connect('${server.url}'`)
          .replaceAll(/\b8080\b/g, String(port))
        const ended = await runSnippet(snippet, code)
        expect({ code: ended.code, stderr: ended.stderr }, server.description).toEqual({
          code: 0,
          stderr: '',
        })
        expect(ended.stdout.split('\n').slice(0, -1)).toEqual(printedBy(code))
      } finally {
        await server.stop()
      }
    },
  )
})
