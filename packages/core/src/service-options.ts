import type { RollcallError } from './errors.js'
import type { CallDefaults } from './failover/call-options.js'
import type { RetryBudgetOptions } from './failover/retry-budget.js'
import type { Probe } from './health/probe-options.js'
import type { Instance } from './instance.js'
import { badOption, checkOption, show, unknownOption } from './options.js'
import type { Balancer, BalancerName, BalancerPlan } from './selection/balancers/balancer.js'
import { planOf } from './selection/balancers/plan-of.js'
import { outlierPolicy, type OutlierOptions } from './selection/outlier-policy.js'
import type { SelectorOptions } from './selection/selection.js'
import { canaryPolicy, type CanaryOptions } from './selection/tiers/canary.js'
import { levelsOf } from './selection/tiers/locality.js'
import { localityPolicy, type LocalityOptions } from './selection/tiers/locality-policy.js'
import { checkMatch, type Match } from './selection/tiers/match.js'
import { priorityOptions } from './selection/tiers/priority-load.js'
import { ranked } from './selection/tiers/ranks.js'
import { subsetPolicy, type SubsetOptions } from './selection/tiers/subset.js'
import { layoutOf, type Tiers } from './selection/tiers/tiers.js'
import { zoneShares } from './selection/tiers/zone-load.js'

/** Options of one view of a service. */
export interface ServiceOptions {
  /** How one of the candidates is chosen: a name, a plan of `@rollcall/core/balancers`, or a function of your own. */
  balancer?: BalancerName | Balancer | BalancerPlan
  /** When an endpoint is taken out for what its calls came to; false suspects nobody. */
  outlier?: OutlierOptions | false
  /** Whom the view is about: instances with these tags, this version, zone or metadata. All by default. */
  match?: Match
  /** Parts of the instances that get a fixed share of the calls: `{ match: { version: '2.x' }, share: 0.05 }`. */
  canary?: CanaryOptions | readonly CanaryOptions[]
  /** Where this process is: its own zone first, then its region and datacenter, then the others. */
  locality?: LocalityOptions
  /** Ranks of one's own instead of `locality`: 0 is called first, higher numbers when too few of the lower are well. */
  priority?: (instance: Instance) => number
  /** Keeps to a few of the endpoints, so that not every caller connects to every instance. */
  subset?: SubsetOptions
  /**
   * With a smaller share of the endpoints beyond suspicion than this, 0 to 1, suspicion is no longer believed and all are
   * called: 0.5 by default. 0: only when nobody is beyond suspicion.
   */
  panicThreshold?: number
  /** How many times the load of its share an endpoint may take before calls leave its priority: 1.4 by default. */
  overprovisioning?: number
  /** Calls under way to one endpoint at most; no limit by default. Beyond it, OVERLOADED. */
  maxInFlight?: number
  /** Asks the instances how they are, beside what calls teach: `tcp`, `http`, `grpc`, a function, or settings. */
  probe?: Probe
  /** Options that calls have unless they say otherwise: `{ strategy: 'hedging', idempotent: true }`. */
  call?: CallDefaults
  /** How many retries and hedges this view's calls may make; false: as many as they like. */
  retryBudget?: RetryBudgetOptions | false
}

const ownOptions = {
  balancer: { type: 'value', about: 'how one of the candidates is chosen' },
  outlier: { type: 'value', about: 'when an endpoint is taken out' },
  match: { type: 'value', about: 'whom the view is about' },
  canary: { type: 'value', about: 'parts that get a fixed share of the calls' },
  locality: { type: 'value', about: 'where this process is' },
  priority: { type: 'value', about: 'ranks of one’s own' },
  subset: { type: 'value', about: 'a few of the endpoints' },
  maxInFlight: {
    type: 'number',
    integer: true,
    min: 1,
    max: 1_000_000,
    about: 'calls under way to one endpoint at most',
  },
  probe: { type: 'value', about: 'asks the instances how they are' },
  call: { type: 'value', about: 'options that calls have unless they say otherwise' },
  retryBudget: { type: 'value', about: 'how many retries and hedges calls may make' },
} as const

/** What `registry.service` takes; documentation and checks are made of it. */
export const serviceOptions: typeof ownOptions & typeof priorityOptions = {
  ...ownOptions,
  ...priorityOptions,
}

const known = Object.keys(serviceOptions)

/** What the options mean to a selector; `report` is told what a user's function does wrong. Throws BAD_OPTION and UNKNOWN_OPTION. */
export function selectionOf(
  options: ServiceOptions,
  report: (error: RollcallError) => void,
): Omit<SelectorOptions, 'clock' | 'random' | 'onEvent'> {
  checkAll(options)
  const { balancer, outlier, panicThreshold, overprovisioning, maxInFlight } = options
  const tiers = tiersOf(options, report)
  const { zones } = tiers
  return {
    balancer: planOf(balancer),
    layout: layoutOf(tiers),
    ...(zones && { zoneShares: (healthy) => zoneShares(healthy, zones) }),
    ...(outlier !== undefined && { outlier: outlierPolicy(outlier) }),
    ...(panicThreshold !== undefined && { panicThreshold }),
    ...(overprovisioning !== undefined && { overprovisioning }),
    ...(maxInFlight !== undefined && { maxInFlight }),
  }
}

function tiersOf(
  { match, canary, locality, priority, subset }: ServiceOptions,
  report: (error: RollcallError) => void,
): Tiers {
  if (locality !== undefined && priority !== undefined) {
    throw badOption('priority', 'is given beside locality', 'give one of them: both rank the instances')
  }
  if (priority !== undefined && typeof priority !== 'function') {
    throw badOption('priority', `is ${show(priority)}`, 'give a function of an instance')
  }
  const policy = locality === undefined ? undefined : localityPolicy(locality)
  return {
    match: match === undefined ? undefined : checkMatch(match),
    canaries: canary === undefined ? [] : canaryPolicy(canary),
    levels: policy
      ? (all) => levelsOf(all, policy.here)
      : priority && ((all) => ranked(all, priority, report)),
    subset: subset === undefined ? undefined : subsetPolicy(subset),
    zones: policy?.zones,
  }
}

function checkAll(options: ServiceOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw badOption('options', `is ${show(options)}`, 'give an object')
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(serviceOptions, name)) throw unknownOption(name, known)
    if (value !== undefined) checkOption(name, serviceOptions[name as keyof ServiceOptions], value)
  }
}
