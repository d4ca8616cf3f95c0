import type { Instance } from '@rollcall/core/adapter'
import {
  aperture,
  boundedLoad,
  leastRequest,
  maglev,
  peakEwma,
  rendezvous,
  ring,
  slowStart,
  smoothWeighted,
  sticky,
} from '@rollcall/core/balancers'
import * as chance from './floors/chance.js'
import * as keyed from './floors/keyed.js'
import * as turns from './floors/turns.js'
import * as twoChoices from './floors/two-choices.js'
import * as warming from './floors/warming.js'
import { instances } from './instances.js'
import { byDefault, cycling, defaultCycle, picking, pickingByKey, pickingByLatency } from './our-picks.js'
import * as grpc from './peers/grpc.js'
import * as hashring from './peers/hashring.js'
import * as loadBalancers from './peers/load-balancers.js'
import * as moleculer from './peers/moleculer.js'

const dayMs = 86_400_000

type Pick = () => unknown
type Make = (set: readonly Instance[]) => Pick | Promise<Pick>

export type PickWay = keyof typeof pickWays

const equal = (make: Make) => (size: number) => make(instances(size))
const skewed = (make: Make) => (size: number) => make(instances(size, (i) => 1 + (i % 7)))

/** Every tenth has warmed up halfway. */
const someNew = (make: Make) => (size: number) => {
  const registeredAt = Date.now() - dayMs / 2
  return make(instances(size).map((each, i) => (i % 10 === 0 ? { ...each, registeredAt } : { ...each })))
}

/** Every way of picking one of so many instances: ours, by hand, and by other packages. */
export const pickWays = {
  byDefault: equal(byDefault),
  'round-robin': equal(picking('round-robin')),
  random: equal(picking('random')),
  weighted: skewed(picking('weighted')),
  'weighted-random': skewed(picking('weighted-random')),
  'smooth-weighted': skewed(picking(smoothWeighted())),
  'least-request': equal(picking(leastRequest())),
  'peak-ewma': equal(pickingByLatency(peakEwma())),
  ring: equal(pickingByKey(ring())),
  ketama: equal(pickingByKey(ring({ ketama: true }))),
  maglev: equal(pickingByKey(maglev())),
  rendezvous: equal(pickingByKey(rendezvous())),
  boundedLoad: equal(pickingByKey(boundedLoad(ring()))),
  sticky: equal(pickingByKey(sticky())),
  aperture: equal(picking(aperture({ peer: 3, peers: 7 }))),
  slowStart: equal(picking(slowStart('round-robin'))),
  'slowStart, some new': someNew(picking(slowStart('round-robin', { windowMs: dayMs }))),
  defaultCycle: equal(defaultCycle),
  'peak-ewma cycle': equal(cycling(peakEwma())),

  counter: equal(turns.counter),
  weightedCycle: skewed(turns.weightedCycle),
  index: equal(chance.index),
  alias: skewed(chance.alias),
  twoChoices: equal(twoChoices.leastRequest),
  twoAverages: equal(twoChoices.peakEwma),
  twoAveragesCycle: equal(twoChoices.peakEwmaCycle),
  countedTurns: equal(twoChoices.countedTurns),
  warmingTurns: equal(warming.turns),
  slice: equal(twoChoices.aperture(3, 7)),
  indexedRing: equal(keyed.ring),
  md5Ring: equal(keyed.ketama),
  boundedRing: equal(keyed.boundedRing),
  maglevTable: equal(keyed.maglev),
  allHashes: equal(keyed.rendezvous),
  keyMap: equal(keyed.sticky),

  moleculer: equal(moleculer.entry),
  moleculerShard: equal(moleculer.shard),
  grpc: equal(grpc.picking('round_robin')),
  grpcWeighted: skewed(grpc.picking('weighted_round_robin')),
  p2c: equal(loadBalancers.twoChoices),
  drawn: equal(loadBalancers.drawn),
  hashring: equal(hashring.hashring),
} satisfies Record<string, (size: number) => Pick | Promise<Pick>>
