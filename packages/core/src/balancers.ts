/**
 * Balancers with settings, for `registry.service(name, { balancer })`. Each call makes a plan: a value without state,
 * which any number of services may share. One without settings may be given by its name just as well.
 *
 * @module
 */
export { aperture, type ApertureOptions } from './selection/balancers/aperture.js'
export type { Balancer, BalancerName, BalancerPlan, PickRequest } from './selection/balancers/balancer.js'
export { boundedLoad, type BoundedLoadOptions } from './selection/balancers/bounded-load.js'
export type { ChoiceReason, Chooser, ChooserTools, Considered, Note } from './selection/balancers/chooser.js'
export { leastRequest, type LeastRequestOptions } from './selection/balancers/least-request.js'
export { maglev, type MaglevOptions } from './selection/balancers/maglev.js'
export { peakEwma, type PeakEwmaOptions } from './selection/balancers/peak-ewma.js'
export { random } from './selection/balancers/random.js'
export { rendezvous } from './selection/balancers/rendezvous.js'
export { ring, type RingOptions } from './selection/balancers/ring.js'
export { roundRobin } from './selection/balancers/round-robin.js'
export { slowStart, type SlowStartOptions } from './selection/balancers/slow-start.js'
export { smoothWeighted } from './selection/balancers/smooth-weighted.js'
export { sticky, type StickyOptions } from './selection/balancers/sticky.js'
export { weightedRandom } from './selection/balancers/weighted-random.js'
export { weighted } from './selection/balancers/weighted.js'
