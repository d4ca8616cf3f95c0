import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { offences, sourcesOf, type Source } from './sources.js'

const adapters = ['consul', 'etcd', 'zookeeper']

describe('imports', () => {
  it.each(adapters)('%s knows core and its own client only', (name) => {
    const own = Object.keys(manifest(name).dependencies ?? {})
    const allowed = ['@rollcall/core', '@rollcall/core/adapter', ...own]
    const isAllowed = (imported: string): boolean =>
      allowed.includes(imported) ||
      imported.startsWith('node:') ||
      imported.startsWith(`packages/${name}/src/`)
    expect(offences(sourcesOf(name), isAllowed)).toEqual([])
  })

  it.each(adapters)('the wire of %s knows nothing of services', (name) => {
    const wire = sourcesOf(name).filter(({ file }) => file.includes('/wire/'))
    // Errors come from core; instances, listings and leases are the adapter's.
    const isAllowed = (imported: string): boolean =>
      !imported.startsWith('packages/') || imported.startsWith(`packages/${name}/src/wire/`)
    expect(offences(wire, isAllowed)).toEqual([])
  })

  it('core needs Node alone; adapters are loaded by name, in one place', () => {
    const isAllowed = (imported: string, { file }: Source): boolean =>
      imported.startsWith('node:') ||
      imported.startsWith('packages/core/src/') ||
      (file === 'packages/core/src/find-adapter.ts' && adapters.includes(imported.replace('@rollcall/', '')))
    expect(offences(sourcesOf('core'), isAllowed)).toEqual([])
    expect(manifest('core').dependencies).toBeUndefined()
  })

  it('within core, left never imports right', () => {
    const isAllowed = (imported: string, { file }: Source): boolean => rank(imported) <= rank(file)
    expect(offences(sourcesOf('core'), isAllowed)).toEqual([])
  })

  it('time and chance are asked for in one place each', () => {
    const ambient =
      /\bsetTimeout\(|\bsetInterval\(|\bDate\.now\(|\bperformance\.now\(|\bMath\.random\(|node:timers/
    const hits = sourcesOf('core').filter(({ code }) => ambient.test(code))
    expect(hits.map(({ file }) => file)).toEqual([
      'packages/core/src/clock.ts',
      'packages/core/src/random.ts',
    ])
  })

  it('sources import no tests', () => {
    const all = ['core', 'testing', ...adapters].flatMap(sourcesOf)
    expect(offences(all, (imported) => !/(^|\/)test\//.test(imported))).toEqual([])
  })
})

/** The data's way, from left to right: whoever is imported must not stand further right than who imports. */
const way = ['supervise', 'discovery', 'selection', 'health', 'failover']
const doors = [
  'announcement',
  'balancers',
  'connect',
  'find-adapter',
  'index',
  'memory',
  'pick-options',
  'registry',
  'service-options',
  'service-view',
  'view-errors',
  'view-feed',
  'view-picks',
  'view-tools',
]

function rank(path: string): number {
  const inner = /^packages\/core\/src\/(.+)\.ts$/.exec(path)?.[1]
  if (inner === undefined) return 0
  if (doors.includes(inner)) return way.length + 1
  const folder = inner.split('/')[0]!
  // The stores stand at the far left, though they share nothing with supervision.
  return folder === 'embedded' ? 1 : way.indexOf(folder) + 1
}

function manifest(name: string): { dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')) as ReturnType<typeof manifest>
}
