import type { PickWay } from './pick-ways.js'
import type { Reference } from './row.js'

/** One of ours beside one reference. */
export interface PickWanted {
  readonly what: PickWay
  readonly name: string
  readonly beside: PickWay
  /** How many times the reference, at most. */
  readonly most?: number | Readonly<Record<number, number>>
  readonly sizes?: readonly number[]
  /** It looks at everybody, as its algorithm has it. */
  readonly grows?: true
  /** It hands out an object, as it must. */
  readonly allocates?: true
}

const smaller = [10, 100, 1_000]

export const pickWanted: readonly PickWanted[] = [
  { what: 'byDefault', name: 'registry.service().pick() by default', beside: 'counter', most: 2 },
  { what: 'round-robin', name: 'pick round-robin', beside: 'counter', most: 2 },
  { what: 'random', name: 'pick random', beside: 'counter', most: 2 },
  { what: 'random', name: 'pick random', beside: 'index' },
  { what: 'weighted', name: 'pick weighted', beside: 'alias', most: 2 },
  { what: 'weighted-random', name: 'pick weighted-random', beside: 'alias', most: 2 },
  { what: 'smooth-weighted', name: 'pick smooth-weighted', beside: 'weightedCycle', most: 2 },
  { what: 'least-request', name: 'pick least-request', beside: 'twoChoices', most: 2 },
  { what: 'peak-ewma', name: 'pick peak-ewma', beside: 'twoAverages', most: 1.75 },
  { what: 'ring', name: 'pick ring', beside: 'indexedRing', most: 1.5 },
  { what: 'ketama', name: 'pick ketama ring', beside: 'md5Ring', most: 1.5, allocates: true },
  { what: 'maglev', name: 'pick maglev', beside: 'maglevTable', most: 1.5 },
  { what: 'rendezvous', name: 'pick rendezvous', beside: 'allHashes', most: 2, grows: true },
  { what: 'boundedLoad', name: 'pick bounded-load of ring', beside: 'boundedRing', most: 2 },
  { what: 'sticky', name: 'pick sticky', beside: 'keyMap', most: 2 },
  { what: 'aperture', name: 'pick aperture', beside: 'slice', most: 2 },
  { what: 'slowStart', name: 'pick slow-start, nobody new', beside: 'counter', most: 2 },
  {
    what: 'slowStart, some new',
    name: 'pick slow-start, a tenth of them new',
    beside: 'warmingTurns',
    most: 2,
  },
  {
    what: 'peak-ewma cycle',
    name: 'acquire() and done(), peak-ewma',
    beside: 'twoAveragesCycle',
    most: 1.5,
    allocates: true,
  },
  { what: 'defaultCycle', name: 'acquire() and done()', beside: 'countedTurns', allocates: true },

  // P2: 25 times as quick at 100, 250 times at 1,000.
  {
    what: 'byDefault',
    name: 'registry.service().pick() by default',
    beside: 'moleculer',
    sizes: smaller,
    most: { 100: 1 / 25, 1_000: 1 / 250 },
  },
  { what: 'round-robin', name: 'pick round-robin', beside: 'grpc' },
  { what: 'random', name: 'pick random', beside: 'drawn' },
  { what: 'least-request', name: 'pick least-request', beside: 'p2c' },
  { what: 'smooth-weighted', name: 'pick smooth-weighted', beside: 'grpcWeighted' },
  { what: 'ring', name: 'pick ring', beside: 'hashring', sizes: smaller },
  { what: 'ketama', name: 'pick ketama ring', beside: 'hashring', sizes: smaller },
  { what: 'ring', name: 'pick ring', beside: 'moleculerShard', sizes: smaller },
]

export const references: Partial<Record<PickWay, Reference['name']>> = {
  counter: 'floor: Map.get and a counter',
  index: 'floor: Map.get and a random index',
  alias: 'floor: Map.get and an alias table',
  weightedCycle: 'floor: a cycle written down beforehand',
  twoChoices: 'floor: two records drawn, the idler',
  twoAverages: 'floor: two records drawn, the cheaper',
  twoAveragesCycle: 'floor: two records drawn, two clock readings, an average',
  countedTurns: 'floor: a counter, and calls counted in and out',
  warmingTurns: 'floor: a counter; for a tenth, clock and chance',
  slice: 'floor: two records drawn by width, the idler',
  indexedRing: 'floor: a hash and an indexed sorted array',
  md5Ring: 'floor: an md5 and an indexed sorted array',
  boundedRing: 'floor: a hash, an indexed sorted array and a bound',
  maglevTable: 'floor: a hash and a table',
  allHashes: "floor: a hash mixed with everybody's",
  keyMap: 'floor: a Map of keys, and the moment noted',
  moleculer: "peer: moleculer's entry",
  moleculerShard: "peer: moleculer's Shard",
  grpc: "peer: grpc-js's picker",
  grpcWeighted: "peer: grpc-js's weighted picker",
  p2c: "peer: load-balancers' P2cBalancer",
  drawn: "peer: load-balancers' RandomBalancer",
  hashring: 'peer: hashring',
}
