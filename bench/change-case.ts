import { systemClock, xorshift32, type Instance } from '@rollcall/core/adapter'
import { do_not_optimize, measure } from 'mitata'
import { Candidates } from '../packages/core/src/selection/candidates.js'
import type { Endpoint } from '../packages/core/src/selection/endpoint.js'
import { defaultOutlierPolicy } from '../packages/core/src/selection/outlier-policy.js'
import { reconcile } from '../packages/core/src/selection/reconcile.js'
import { Selector } from '../packages/core/src/selection/selector.js'
import { instance, instances } from './instances.js'
import { shuffle } from './statistics.js'

const size = 10_000
const middle = size >> 1
const nobody: ReadonlySet<string> = new Set()

export type ChangeCase = keyof typeof makers

interface ChangeInput {
  readonly what: ChangeCase
  readonly cpuMs: number
}

/** One way in which a set of 10,000 changes: microseconds from the new set to the new candidates. */
export async function run({ what, cpuMs }: ChangeInput): Promise<{ us: number }> {
  const work = makers[what]()
  const { p50 } = await measure(() => do_not_optimize(work()), { min_cpu_time: cpuMs * 1e6 })
  return { us: p50 / 1000 }
}

// Each set is parsed anew, as a store's answer is.
const shuffled = (): Instance[] => shuffle(instances(size), xorshift32(9))

const makers = {
  count: () => counter(instances(size)),
  'count, other order': () => counter(shuffled()),
  copy: () => copier(endpointsOf(instances(size))),
  'same order': () => differ(instances(size)),
  'one gone': () => differ(instances(size).toSpliced(middle, 1)),
  'one new': () => differ(instances(size).toSpliced(middle, 0, instance('orders', size))),
  'other order': () => differ(shuffled()),
  ejected: () => ejector(endpointsOf(instances(size))),
  refused: () => refuser(),
} satisfies Record<string, () => () => unknown>

function endpointsOf(set: readonly Instance[]): readonly Endpoint[] {
  return reconcile([], set, nobody)
}

function differ(after: readonly Instance[]): () => unknown {
  const before = endpointsOf(instances(size))
  return () => reconcile(before, after, nobody)
}

/** What any diff must do at least: index the one set and look the other up. */
function counter(after: readonly Instance[]): () => unknown {
  const before = endpointsOf(instances(size))
  return () => {
    const ids = new Map<string, Endpoint>()
    for (const endpoint of before) ids.set(endpoint.instance.id, endpoint)
    let kept = 0
    for (const { id } of after) if (ids.has(id)) kept++
    return kept
  }
}

const copier = (endpoints: readonly Endpoint[]) => (): unknown => endpoints.toSpliced(middle, 1)

/** From an ejection to the new candidates. Every time it is another one; the one before returns. */
function ejector(endpoints: readonly Endpoint[]): () => unknown {
  const policy = defaultOutlierPolicy
  const candidates = new Candidates({
    clock: systemClock,
    policy,
    makeChooser: () => () => 0,
    overprovisioning: 1.4,
    panicThreshold: 0.5,
    onPanic() {},
    onSole() {},
  })
  candidates.replace(endpoints)
  let last = endpoints[0]!
  let next = 0
  return () => {
    last.giveBack(0)
    candidates.reconsider(last)
    last = endpoints[(next += 7919) % endpoints.length]!
    last.eject('refused', 1e9, policy)
    candidates.reconsider(last)
    return candidates.current()
  }
}

/** The same as calls bring it about: one is refused, somebody else is picked; a probe passes, and again one is picked. */
function refuser(): () => unknown {
  const selector = new Selector({ clock: systemClock, random: xorshift32(1) })
  selector.update(instances(size))
  return () => {
    const pick = selector.acquire()
    if (typeof pick === 'string') throw new Error(pick)
    pick.done('refused')
    selector.pick()
    selector.settleProbe(pick.endpoint, 'passing')
    return selector.pick()
  }
}
