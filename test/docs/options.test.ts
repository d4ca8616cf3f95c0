import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { consul } from '@rollcall/consul'
import { connect, type Instance, type Registry } from '@rollcall/core'
import type { OptionSpec, OptionSpecs } from '@rollcall/core/adapter'
import { etcd } from '@rollcall/etcd'
import { ManualClock } from '@rollcall/testing'
import { zookeeper } from '@rollcall/zookeeper'
import { afterEach, describe, expect, it } from 'vitest'
import { connectOptions, injectedOptions } from '../../packages/core/src/connect-options.js'
import { local } from '../../packages/core/src/embedded/local.js'
import { memory } from '../../packages/core/src/embedded/memory.js'
import { healthOptions } from '../../packages/core/src/announce-health.js'
import { callOptions } from '../../packages/core/src/failover/call-options.js'
import { retryBudgetOptions } from '../../packages/core/src/failover/retry-budget.js'
import { probeOptions } from '../../packages/core/src/health/probe-options.js'
import { apertureOptions } from '../../packages/core/src/selection/balancers/aperture.js'
import { boundedLoadOptions } from '../../packages/core/src/selection/balancers/bounded-load.js'
import { leastRequestOptions } from '../../packages/core/src/selection/balancers/least-request.js'
import { maglevOptions } from '../../packages/core/src/selection/balancers/maglev.js'
import { peakEwmaOptions } from '../../packages/core/src/selection/balancers/peak-ewma.js'
import { ringOptions } from '../../packages/core/src/selection/balancers/ring.js'
import { slowStartOptions } from '../../packages/core/src/selection/balancers/slow-start.js'
import { stickyOptions } from '../../packages/core/src/selection/balancers/sticky.js'
import { outlierOptions } from '../../packages/core/src/selection/outlier-policy.js'
import { canaryOptions } from '../../packages/core/src/selection/tiers/canary.js'
import { localityOptions } from '../../packages/core/src/selection/tiers/locality-policy.js'
import { matchOptions } from '../../packages/core/src/selection/tiers/match.js'
import { subsetOptions } from '../../packages/core/src/selection/tiers/subset.js'
import { serviceOptions } from '../../packages/core/src/service-options.js'
import { tableUnder, type Row } from './support/markdown.js'

const document = 'docs/options.md'
const table = (heading: string): Row[] => tableUnder(document, heading)
const names = (heading: string): string[] => table(heading).map((row) => row['option']!)

const specified: Readonly<Record<string, OptionSpecs>> = {
  connect: { ...connectOptions, ...injectedOptions },
  memory: memory.options ?? {},
  local: local.options ?? {},
  consul: consul.options ?? {},
  etcd: etcd.options ?? {},
  zookeeper: zookeeper.options ?? {},
  health: healthOptions,
  service: serviceOptions,
  leastRequest: leastRequestOptions,
  peakEwma: peakEwmaOptions,
  ring: ringOptions,
  maglev: maglevOptions,
  boundedLoad: boundedLoadOptions,
  sticky: stickyOptions,
  aperture: apertureOptions,
  slowStart: slowStartOptions,
  outlier: outlierOptions,
  match: matchOptions,
  canary: canaryOptions,
  locality: localityOptions,
  subset: subsetOptions,
  probe: probeOptions,
  retryBudget: retryBudgetOptions,
  call: callOptions,
}

describe.each(Object.keys(specified))('the options of %s', (heading) => {
  const specs = specified[heading]!

  it('all have a row, and no row names an unknown one', () => {
    expect(names(heading).toSorted()).toEqual(Object.keys(specs).toSorted())
  })

  it.each(Object.entries(specs))('%s has its type, unit, default and a meaning', (name, spec) => {
    const row = table(heading).find(({ option }) => option === name)!
    expect(row).toMatchObject({ type: typeOf(spec), unit: name.endsWith('Ms') ? 'ms' : '' })
    if ('default' in spec && !isEmptyList(spec.default)) expect(row['default']).toBe(shown(spec.default))
    // What is told in words must not pass for a value.
    else expect(row['default']).toMatch(/^(?!\d|true$|false$)./)
    expect(row['meaning']).not.toBe('')
  })
})

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

function typeOf(spec: OptionSpec): string {
  switch (spec.type) {
    case 'string':
      return spec.secret ? 'secret text' : 'text'
    case 'boolean':
      return 'true or false'
    case 'list':
      return 'list of texts'
    case 'value':
      return 'object'
    case 'number':
      return `${spec.integer ? 'whole ' : ''}number, ${rangeOf(spec)}`
  }
}

function rangeOf({ min, max }: { min: number; max: number }): string {
  return max === Number.MAX_SAFE_INTEGER ? `${shown(min)} or more` : `${shown(min)} to ${shown(max)}`
}

function shown(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value)
}

describe('options that are no specs', () => {
  let registry: Registry | undefined
  afterEach(async () => {
    await registry?.close()
    registry = undefined
  })
  const announced = async () => {
    registry = await connect('memory:options-documented')
    return registry.announce({ service: 'orders', port: 3000 })
  }

  it('announce knows those of its table', async () => {
    registry = await connect('memory:options-documented')
    expect(await knownTo((options) => registry!.announce(options as never))).toEqual(
      names('announce').toSorted(),
    )
  })

  it('announce has the defaults of its table', async () => {
    const { instance } = await announced()
    const told = Object.fromEntries(table('announce').map((row) => [row['option'], row['default']]))
    expect(told).toMatchObject({
      scheme: instance.scheme,
      weight: String(instance.weight),
      status: instance.status,
    })
    expect(instance.id).toBe('orders-127.0.0.1-3000')
    const absent: (keyof Instance)[] = ['zone', 'version', 'tags', 'metadata']
    for (const name of absent) {
      expect(told[name]).toBe('none')
      expect(Object.keys(instance[name] ?? {})).toEqual([])
    }
  })

  it('update knows those of its table', async () => {
    const announcement = await announced()
    expect(await knownTo((options) => announcement.update(options))).toEqual(names('update').toSorted())
  })

  it('leave knows those of its table', async () => {
    const announcement = await announced()
    expect(await knownTo((options) => announcement.leave(options))).toEqual(names('leave').toSorted())
  })

  it('service knows those of its table', async () => {
    registry = await connect('memory:options-documented')
    const ask = async (options: object): Promise<unknown> => registry!.service('orders', options)
    expect(await knownTo(ask)).toEqual(names('service').toSorted())
  })

  it('leaving takes as long as its table says', async () => {
    const told = Object.fromEntries(
      table('leave').map((row) => [row['option'], Number(row['default']!.replace(',', ''))]),
    )
    const clock = new ManualClock()
    registry = await connect('memory:', { clock })
    const announcement = await registry.announce({ service: 'orders', port: 3000 })
    const leaving = announcement.leave({ drain: () => new Promise(() => {}) })
    await clock.advance(told['lingerMs']! - 1)
    expect(announcement.state).toBe('registered')
    await clock.advance(1)
    expect(announcement.state).toBe('left')
    let over = false
    void leaving.then(() => (over = true))
    await clock.advance(told['deadlineMs']! - told['lingerMs']! - 1)
    expect(over).toBe(false)
    await clock.advance(1)
    expect(await leaving).toEqual({ released: true, drained: false })
  })

  it('the balancers of the table are those that there are', async () => {
    registry = await connect('memory:options-documented')
    const error = catching(() => registry!.service('orders', { balancer: 'none' as never }))
    const known = /give one of (.*), a plan or a function/.exec(error.message)![1]!.split(', ')
    const [row] = table('service')
    const text = readFileSync(document, 'utf8')
    const told = text.slice(text.indexOf('### balancers'), text.indexOf('### leastRequest'))
    for (const name of known) expect(told).toContain(`\`${name}\``)
    expect(known[0]).toBe(row!['default'])
  })
})

/** The names that an error lists for one that is like none of them. */
async function knownTo(ask: (options: object) => Promise<unknown>): Promise<string[]> {
  const error = await ask({ neverHeardOfThisName: 1 }).then(
    () => new Error('it took an unknown option'),
    (error: Error) => error,
  )
  return /Known here: (.*)\.$/.exec(error.message)?.[1]?.split(', ') ?? [error.message]
}

function catching(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('it threw nothing')
}

describe('the environment', () => {
  it('has a row for each variable that is read, and no others', () => {
    const told = table('Environment').map((row) => row['variable']!)
    const read = [...new Set([...packageSources(), ...scripts()].flatMap(variablesOf))]
    expect(told.filter((name) => name.startsWith('ROLLCALL_')).toSorted()).toEqual(read.toSorted())
  })
})

function packageSources(): string[] {
  return readdirSync('packages').flatMap((name) => filesUnder(join('packages', name, 'src')))
}

function scripts(): string[] {
  return filesUnder('scripts')
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** `ROLLCALL_${kind}_IMAGE` counts as `ROLLCALL_<KIND>_IMAGE`, and so does `ROLLCALL_ETCD_IMAGE` in a comment. */
function variablesOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const found = text.match(/ROLLCALL_(?:\$\{[^}]+\}|<KIND>|[A-Z]+)(?:_[A-Z]+)*/g) ?? []
  return found.map((name) =>
    name.replace(/^ROLLCALL_(?:\$\{[^}]+\}|CONSUL|ETCD|ZOOKEEPER)_(IMAGE|VERSION)$/, 'ROLLCALL_<KIND>_$1'),
  )
}
