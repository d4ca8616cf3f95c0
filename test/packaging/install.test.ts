import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execute } from './execute.js'
import { getNode, otherVersions } from './nodes.js'
import { Project, type PackageManager } from './project.js'
import { asCommonJs, printed, snippet } from './snippet.js'
import { packAll, type Tarballs } from './tarballs.js'

let tarballs: Tarballs
beforeAll(async () => {
  tarballs = await packAll()
})
afterAll(() => tarballs.remove())

const managers: PackageManager[] = ['npm', 'pnpm']

describe.each(managers)('installed by %s', (manager) => {
  describe('one adapter alone', () => {
    const project = installed(manager, ['@rollcall/etcd'])

    it('brings connect with it', async () => {
      const file = project().write('one.mjs', open('@rollcall/etcd', ['etcd://127.0.0.1:1']))
      expect(await project().run(file)).toBe('etcd\n')
    })

    it('names the package that another backend needs', async () => {
      const file = project().write('other.mjs', open('@rollcall/etcd', ['consul://127.0.0.1:1']))
      await expect(project().run(file)).rejects.toThrow('npm install @rollcall/consul')
    })
  })

  describe('core and two adapters', () => {
    const project = installed(manager, ['@rollcall/core', '@rollcall/consul', '@rollcall/zookeeper'])

    it('finds both by the URL', async () => {
      const urls = ['consul://127.0.0.1:1', 'zookeeper://127.0.0.1:1']
      const file = project().write('two.mjs', open('@rollcall/core', urls))
      expect(await project().run(file)).toBe('consul\nzookeeper\n')
    })

    it('runs the first lines of the README', async () => {
      const file = project().write('readme.mjs', snippet)
      expect(await project().run(file)).toBe(`${printed}\n`)
    })

    it('has one copy of each module behind all doors of core', async () => {
      expect(await project().run(project().write('doors.mjs', doors))).toBe('orders true true\n')
    })

    it('loads no part of Node that only some will need', async () => {
      expect(await project().run(project().write('parts.mjs', parts))).toBe('none\n')
    })
  })
})

describe('the first lines of the README', () => {
  const project = installed('npm', ['@rollcall/core', '@rollcall/consul'])

  it('run with require()', async () => {
    const file = project().write('readme.cjs', asCommonJs(snippet))
    expect(await project().run(file)).toBe(`${printed}\n`)
  })

  it.each(otherVersions)('run on Node %s, as a module and with require()', async (version) => {
    const node = await getNode(version)
    for (const [name, text] of [
      ['readme.mjs', snippet],
      ['readme.cjs', asCommonJs(snippet)],
    ] as const) {
      expect(await project().run(project().write(name, text), node)).toBe(`${printed}\n`)
    }
  })

  it('run as one file made by esbuild, with one adapter installed', async () => {
    const bundle = await bundled(project(), 'readme.mjs', snippet, 'esm')
    expect(await project().run(bundle)).toBe(`${printed}\n`)
  })

  it('may name the installed adapter in that one file', async () => {
    // As CommonJS, since that is what the client is: in an ES module esbuild can't do its require().
    const text = asCommonJs(open('@rollcall/core', ['consul://127.0.0.1:1']))
    const bundle = await bundled(project(), 'consul.cjs', text, 'cjs')
    expect(await project().run(bundle)).toBe('consul\n')
  })
})

/** Whatever the door, and by `require` as well: the same classes, and the same store behind `memory:`. */
const doors = `import { createRequire } from 'node:module'
import { connect, RollcallError } from '@rollcall/core'
import * as forAdapters from '@rollcall/core/adapter'
import { ring } from '@rollcall/core/balancers'
import { MemoryStore } from '@rollcall/core/memory'
const store = new MemoryStore()
const registry = await connect('memory:', { store })
await registry.announce({ service: 'orders', port: 3000, host: '127.0.0.1' })
const required = createRequire(import.meta.url)('@rollcall/core')
const there = await required.connect('memory:')
const here = await connect('memory:')
await here.announce({ service: 'bills', port: 3000, host: '127.0.0.1' })
const { instances } = await there.service('bills', { balancer: ring() }).ready()
let thrown
try { ring({ pointsPerWeight: 0 }) } catch (error) { thrown = error }
console.log(
  store.services().join(),
  instances.length === 1,
  [RollcallError, forAdapters.RollcallError, required.RollcallError].every((kind) => thrown instanceof kind) &&
    forAdapters.isRollcallError(thrown, 'BAD_OPTION'),
)
for (const each of [registry, here, there]) await each.close()
`

const parts = `import '@rollcall/core'
const dear = ['crypto', 'http', 'http2', 'https', 'net', 'perf_hooks', 'tls']
console.log(dear.filter((name) => process.moduleLoadList.includes('NativeModule ' + name)).join() || 'none')
`

/** A project for the tests of one block. */
function installed(manager: PackageManager, wanted: readonly string[]): () => Project {
  let project: Project
  beforeAll(async () => {
    project = await Project.create(manager, tarballs, wanted)
  })
  afterAll(() => project?.remove())
  return () => project
}

/** A program that opens a registry for each URL, which contacts nothing, and says which backend it got. */
function open(from: string, urls: readonly string[]): string {
  return `import { connect } from '${from}'
for (const url of ${JSON.stringify(urls)}) {
  const registry = await connect(url)
  console.log(new URL(registry.url).protocol.slice(0, -1))
  await registry.close()
}
`
}

async function bundled(project: Project, name: string, text: string, format: 'esm' | 'cjs'): Promise<string> {
  const output = `bundle-of-${name}`
  const esbuild = resolve('node_modules/esbuild/bin/esbuild')
  const flags = [
    '--bundle',
    '--platform=node',
    `--format=${format}`,
    '--log-level=warning',
    `--outfile=${output}`,
  ]
  await execute(process.execPath, [esbuild, project.write(name, text), ...flags], project.folder)
  return output
}
