import type { OptionsOf } from '../../options.js'
import { hash32 } from '../balancers/hash.js'
import type { Endpoint } from '../endpoint.js'
import { required, settingsOf } from '../../settings.js'

/** Each client keeps to a few of the endpoints, chosen so that all get nearly the same number of clients. */
export interface SubsetOptions {
  /** How many endpoints a client keeps to. Google's advice is 20 to 100. */
  size: number
  /**
   * The client's number: 0, 1, 2 … for even loads, such as the ordinal of a StatefulSet. Any other whole number will do,
   * even a random one, but then loads are as uneven as chance makes them.
   */
  client: number
}

/** What `subset` takes; documentation and checks are made of it. */
export const subsetOptions = {
  size: {
    type: 'number',
    integer: true,
    min: 1,
    max: 1_000_000,
    about: 'how many endpoints a client keeps to',
  },
  client: {
    type: 'number',
    integer: true,
    min: 0,
    max: 4_294_967_295,
    about: "the client's number: 0, 1, 2 … for even loads",
  },
} as const

export type SubsetPolicy = { readonly [K in keyof OptionsOf<typeof subsetOptions>]: number }

/** Throws BAD_OPTION and UNKNOWN_OPTION. */
export function subsetPolicy(options: SubsetOptions, option = 'subset'): SubsetPolicy {
  const { size, client } = settingsOf(option, subsetOptions, options)
  return {
    size: required(`${option}.size`, size, 'give a whole number of endpoints, such as 20'),
    client: required(`${option}.client`, client, 'give each client a number: 0, 1, 2 …'),
  }
}

/**
 * Multiples of the golden ratio's fraction fall into the widest gap left by those before: however many clients there
 * are, they stand evenly on the circle.
 */
const golden = (Math.sqrt(5) - 1) / 2

/**
 * The endpoints a client keeps to, in their order; all of them, the very array, if they are no more than `size`. All clients see one
 * circle, the endpoints in order of the hash of their ids, and each takes `size` neighbours from a place of its own.
 * Weights don't matter.
 *
 * Google's "deterministic subsetting" (Site Reliability Engineering, chapter 20) is exactly even, but since each
 * endpoint that comes or goes shuffles anew, four of five connections change with 20 of 100. Rendezvous hashing changes
 * no more than it must, but spreads by chance: 11 to 29 clients where 20 is the mean. Neighbours on a circle are within
 * 2 of the mean there, whatever the numbers of clients and endpoints, and a client changes 0.3 of its endpoints and
 * those that left: one of its 20 every other time, never more than 2. When an endpoint fails, its calls fall on
 * up to 2 * (`size` - 1) neighbours, none of which gets more than 1 / `size` of them more.
 */
export function subsetOf(
  endpoints: readonly Endpoint[],
  { size, client }: SubsetPolicy,
): readonly Endpoint[] {
  const { length } = endpoints
  if (length <= size) return endpoints
  const places = circleOf(endpoints)
  const start = Math.floor(((client * golden) % 1) * length)
  const mine = Array.from({ length: size }, (_, i) => places[(start + i) % length]!)
  return mine.sort((a, b) => a - b).map((place) => endpoints[place]!)
}

// Of its own: neighbours on this circle must not be neighbours in a balancer's hash too.
const seed = 0x73756273

/** Places in the array, in order of the hash of the ids; of equal hashes, in the array's. */
function circleOf(endpoints: readonly Endpoint[]): number[] {
  // 32 bits of hash and 21 of place are the 53 that a number holds exactly: sorted so, nothing is compared by a function.
  const keys = Float64Array.from(
    endpoints,
    ({ instance }, i) => (hash32(instance.id, seed) >>> 0) * 2 ** 21 + i,
  )
  return Array.from(keys.sort(), (key) => key % 2 ** 21)
}
