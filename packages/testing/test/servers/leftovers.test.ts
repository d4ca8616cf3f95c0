import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../src/servers/until.js'

const here = fileURLToPath(new URL('.', import.meta.url))
// Inside the package, so that a container's client is found from there.
const bundle = fileURLToPath(new URL('../../.cache/leftovers.mjs', import.meta.url))
const program = `
  import { startServer } from '../../src/servers/index.js'
  const server = await startServer('etcd')
  console.log(JSON.stringify({ port: server.directPort, how: server.how }))
  setInterval(() => {}, 1000)`

beforeAll(() =>
  build({
    stdin: { contents: program, resolveDir: here, loader: 'ts' },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['testcontainers'],
  }),
)
afterAll(() => rmSync(bundle, { force: true }))

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'a server and its files are gone when %s ends its process',
  async (signal) => {
    const child = spawn(process.execPath, [bundle], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { port, how } = JSON.parse(line) as { port: number; how: string }
    expect(await answers(port)).toBe(true)
    const folder = folderOf(port)
    if (process.platform === 'linux') expect(folder !== undefined).toBe(how === 'process')
    child.kill(signal)
    expect(await until(async () => !(await answers(port)), 15_000)).toBe(true)
    if (folder) expect(await until(() => !existsSync(folder), 5_000)).toBe(true)
  },
  40_000,
)

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', (failed) => resolve(!failed))
  })
}

/** The temporary folder of the etcd process with this port; undefined for a container. */
function folderOf(port: number): string | undefined {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandOf)
  const own = commands.find((words) => words.includes(`--listen-client-urls=http://127.0.0.1:${port}`))
  const dataDir = own?.find((word) => word.startsWith('--data-dir='))
  return dataDir?.slice('--data-dir='.length, -'/data'.length)
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
