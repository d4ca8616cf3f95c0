import { ManualClock } from '@rollcall/testing'
import { readInstance, type Instance, type InstanceRecord } from '../../src/instance.js'
import { xorshift32 } from '../../src/random.js'
import type { Outcome } from '../../src/selection/outcome.js'
import { planOf } from '../../src/selection/balancers/plan-of.js'
import type { Balancer, BalancerName, BalancerPlan } from '../../src/selection/balancers/balancer.js'
import type { Pick } from '../../src/selection/pick.js'
import { Selector } from '../../src/selection/selector.js'
import type { SelectionEvent, SelectorOptions } from '../../src/selection/selection.js'

export function instance(id: string, fields: Partial<InstanceRecord> = {}): Instance {
  return readInstance({
    service: 'orders',
    id,
    host: `${id}.test`,
    port: 3000,
    incarnation: 'one',
    ...fields,
  })
}

export function instances(n: number): Instance[] {
  return Array.from({ length: n }, (_, i) => instance(`i${i}`))
}

export interface Bench {
  readonly selector: Selector
  readonly clock: ManualClock
  readonly events: SelectionEvent[]
  /** Ends a call to `id` with each outcome, begun and ended one after the other. */
  readonly tell: (id: string, ...outcomes: Outcome[]) => void
  /** The ids of the candidates. */
  readonly candidates: () => string[]
  readonly reasons: () => Record<string, string>
}

/** A selector whose balancer tells what it was given, and can be told whom to choose. */
export function bench(
  set: readonly Instance[],
  given: Partial<Omit<SelectorOptions, 'balancer'>> & {
    balancer?: BalancerName | Balancer | BalancerPlan
  } = {},
): Bench {
  const { balancer, ...options } = given
  const clock = new ManualClock()
  const events: SelectionEvent[] = []
  let wanted: string | undefined
  let offered: readonly { instance: Instance }[] = []
  const obedient: Balancer = (all) => {
    offered = all
    return all.find((endpoint) => endpoint.instance.id === wanted) ?? all[0]
  }
  const selector = new Selector({
    clock,
    random: xorshift32(7),
    balancer: planOf('balancer' in given ? balancer : obedient),
    onEvent: (event) => events.push(event),
    ...options,
  })
  selector.update(set)
  return {
    selector,
    clock,
    events,
    tell(id, ...outcomes) {
      for (const outcome of outcomes) {
        wanted = id
        const pick = acquired(selector)
        if (pick.instance.id !== id) throw new Error(`${id} is no candidate`)
        pick.done(outcome)
      }
      wanted = undefined
    },
    candidates() {
      offered = []
      selector.pick()
      return offered.map((endpoint) => endpoint.instance.id).toSorted()
    },
    reasons: () => Object.fromEntries(selector.exclusions().map(({ id, reason }) => [id, reason])),
  }
}

/** A pick, when there must be one. */
export function acquired(selector: Selector, ...wish: Parameters<Selector['acquire']>): Pick {
  const pick = selector.acquire(...wish)
  if (typeof pick === 'string') throw new Error(pick)
  return pick
}

export const fiveFailures: Outcome[] = ['failed', 'failed', 'failed', 'failed', 'failed']
