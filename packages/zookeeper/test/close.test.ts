import { startServer, type TestServer } from '@rollcall/testing'
import { build } from 'esbuild'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Reader } from './support/reader.js'

let server: TestServer
let folder: string

beforeAll(async () => {
  server = await startServer('zookeeper', { how: 'process' })
  folder = await mkdtemp(join(tmpdir(), 'rollcall-zookeeper-'))
  await build({
    entryPoints: [fileURLToPath(new URL('support/child.ts', import.meta.url))],
    outfile: join(folder, 'child.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@rollcall/source'],
    logLevel: 'error',
  })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

/** A process that has registered and watches. */
class Child {
  readonly #exit: Promise<unknown[]>
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  static async start(): Promise<Child> {
    const child = new Child()
    children.push(child)
    const said = await child.#line()
    if (said !== 'orders-1') throw new Error(`it said ${said}`)
    return child
  }

  private constructor() {
    this.#process = spawn(process.execPath, [join(folder, 'child.cjs'), server.url], { stdio: 'pipe' })
    this.#exit = once(this.#process, 'exit')
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]()
  }

  /** What it was left with, and how it ended. */
  async close(limitMs: number): Promise<{ left: string[]; code: unknown }> {
    this.#process.stdin.write(`${limitMs}\n`)
    const { left } = JSON.parse(await this.#line()) as { left: string[] }
    const [code] = await this.#exit
    return { left, code }
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async #line(): Promise<string> {
    return String((await this.#lines.next()).value)
  }
}

const children: Child[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

const nothingLeft = { left: [], code: 0 }

it('a process that closed exits, and its node is gone', async () => {
  const child = await Child.start()
  expect(await child.close(8_000)).toEqual(nothingLeft)
  const reader = await Reader.open(server.directPort)
  expect(await reader.children('/services/child')).toEqual([])
  await reader.close()
}, 30_000)

it('a process that closed exits though the server is frozen', async () => {
  const child = await Child.start()
  await server.freeze()
  try {
    expect(await child.close(500)).toEqual(nothingLeft)
  } finally {
    await server.thaw()
  }
}, 30_000)
