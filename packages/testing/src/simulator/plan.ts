import { badOption, readInstance, show, type Instance, type Random } from '@rollcall/core/adapter'
import type { CallOptions, ServiceOptions } from '@rollcall/core'
import { checkFields, checkList, checkNumber, checkText } from './check.js'
import { planFaults, type PlannedAilment } from './fault.js'
import { keyDrawerOf } from './keys.js'
import { drawerOf } from './latency.js'
import type { Answer, Caller, CallerSpec, ServerSpec, Simulation } from './simulation.js'

/** The service's name, as errors tell it. */
export const service = 'simulated'

export interface ServerPlan {
  readonly instance: Instance
  readonly draw: (random: Random) => number
  readonly workers: number
  readonly joinsAtMs: number
  /** Infinity for never. */
  readonly leavesAtMs: number
}

/** A simulation, checked and with its defaults. */
export interface SimulationPlan {
  readonly servers: readonly ServerPlan[]
  readonly callers: readonly Caller[]
  readonly ratePerMs: number
  readonly isSteady: boolean
  readonly durationMs: number
  readonly warmUpMs: number
  readonly seed: number
  readonly serviceOf: (caller: Caller) => ServiceOptions
  readonly call: CallOptions<Answer, unknown>
  readonly drawKey: ((random: Random) => string) | undefined
  readonly ailments: readonly PlannedAilment[]
  readonly crossZoneMs: number
  readonly bucketMs: number
}

const mostCalls = 20_000_000
const mostServers = 20_000
const mostBuckets = 100_000
const longestMs = 31 * 86_400_000

const known = [
  ...['servers', 'callers', 'rate', 'arrivals', 'durationMs', 'warmUpMs', 'seed', 'service', 'call', 'keys'],
  ...['faults', 'crossZoneMs', 'bucketMs'],
]

/** Throws BAD_OPTION and UNKNOWN_OPTION, which name the place: `servers[2].weight`. */
export function planSimulation(simulation: Simulation): SimulationPlan {
  checkFields('', simulation, known)
  const { callers = 1, arrivals = 'poisson', keys, faults = [], call = {} } = simulation
  const durationMs = checkNumber('durationMs', simulation.durationMs, { min: 1, max: longestMs })
  const rate = checkNumber('rate', simulation.rate, { min: 0.001 })
  if ((rate * durationMs) / 1000 > mostCalls) {
    throw badOption(
      'rate',
      `makes ${Math.round((rate * durationMs) / 1000)} calls`,
      `make at most ${mostCalls}`,
    )
  }
  if (arrivals !== 'poisson' && arrivals !== 'steady') {
    throw badOption('arrivals', `is ${show(arrivals)}`, 'give poisson or steady')
  }
  const servers = planServers(simulation.servers, durationMs)
  const ids = new Set(servers.map(({ instance }) => instance.id))
  return {
    servers,
    callers: planCallers(callers),
    ratePerMs: rate / 1000,
    isSteady: arrivals === 'steady',
    durationMs,
    warmUpMs: checkNumber('warmUpMs', simulation.warmUpMs ?? 0, { min: 0, max: durationMs }),
    seed: checkNumber('seed', simulation.seed ?? 1, { min: -(2 ** 31), max: 2 ** 32 - 1, integer: true }),
    serviceOf: planService(simulation.service),
    call,
    drawKey: keys && keyDrawerOf(keys),
    ailments: planFaults(faults, ids, durationMs),
    crossZoneMs: checkNumber('crossZoneMs', simulation.crossZoneMs ?? 0, { min: 0, max: longestMs }),
    bucketMs: checkNumber('bucketMs', simulation.bucketMs ?? durationMs / 40, {
      min: durationMs / mostBuckets,
    }),
  }
}

const serverFields = [
  ...['id', 'count', 'latency', 'workers', 'weight', 'zone', 'version', 'tags', 'metadata'],
  ...['joinsAtMs', 'leavesAtMs'],
]

function planServers(specs: unknown, durationMs: number): ServerPlan[] {
  const plans: ServerPlan[] = []
  checkList('servers', specs).forEach((given, i) => {
    const path = `servers[${i}]`
    checkFields(path, given, serverFields)
    const spec = given as ServerSpec
    const count = checkNumber(`${path}.count`, spec.count ?? 1, { min: 1, max: mostServers, integer: true })
    for (let n = 1; n <= count; n++) {
      const id = idOf(path, spec, n, plans.length + 1)
      plans.push(planServer(path, { ...spec, id }, plans.length, durationMs))
    }
  })
  const ids = plans.map(({ instance }) => instance.id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined)
    throw badOption('servers', `has two with the id ${show(twice)}`, 'give each its own')
  return plans
}

function idOf(path: string, { id, count }: ServerSpec, n: number, place: number): string {
  if (id === undefined) return `s${place}`
  checkText(`${path}.id`, id)
  return count === undefined ? id : `${id}-${n}`
}

function planServer(path: string, spec: ServerSpec, place: number, durationMs: number): ServerPlan {
  const { id, latency, zone, version, tags, metadata } = spec
  const weight = checkNumber(`${path}.weight`, spec.weight ?? 1, { min: 0, max: 65_535, integer: true })
  const joinsAtMs = checkNumber(`${path}.joinsAtMs`, spec.joinsAtMs ?? 0, { min: 0, max: durationMs })
  // Nothing listens there: an address of its own is all that an instance needs here.
  const host = `10.${place >> 16}.${(place >> 8) & 255}.${place & 255}`
  return {
    instance: readInstance({ service, id, host, port: 80, weight, zone, version, tags, metadata }),
    draw: drawerOf(`${path}.latency`, latency),
    workers: checkWorkers(path, spec.workers),
    joinsAtMs,
    leavesAtMs:
      spec.leavesAtMs === undefined
        ? Infinity
        : checkNumber(`${path}.leavesAtMs`, spec.leavesAtMs, { min: joinsAtMs, max: durationMs }),
  }
}

function checkWorkers(path: string, workers: number = Infinity): number {
  return workers === Infinity ? workers : checkNumber(`${path}.workers`, workers, { min: 1, integer: true })
}

function planCallers(callers: unknown): Caller[] {
  const specs = typeof callers === 'number' ? [{ count: callers }] : checkList('callers', callers)
  const zones = specs.flatMap((given, i) => {
    const path = typeof callers === 'number' ? 'callers' : `callers[${i}]`
    checkFields(path, given, ['count', 'zone'])
    const { count = 1, zone } = given as CallerSpec
    const at = typeof callers === 'number' ? path : `${path}.count`
    checkNumber(at, count, { min: 1, max: 10_000, integer: true })
    if (zone !== undefined) checkText(`${path}.zone`, zone)
    return Array.from({ length: count }, () => zone)
  })
  return zones.map((zone, index) => ({ index, count: zones.length, zone }))
}

function planService(given: Simulation['service'] = {}): (caller: Caller) => ServiceOptions {
  return typeof given === 'function' ? given : () => given
}
