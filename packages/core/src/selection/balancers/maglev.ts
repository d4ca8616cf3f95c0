import { badOption } from '../../options.js'
import { below } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools } from './chooser.js'
import { hash32 } from './hash.js'
import { maglevTable, type MaglevTable } from './maglev-table.js'
import { settingsOf } from '../../settings.js'
import { weightsOf } from './weights.js'

export interface MaglevOptions {
  /**
   * Entries of the table, a prime from 2 to 5,000,011; 65,537 by default. With a hundred times as many as candidates,
   * their shares differ by 1 % at most.
   */
  size?: number
}

/** What `maglev` takes; documentation and checks are made of it. The greatest size is Envoy's. */
export const maglevOptions = {
  size: {
    type: 'number',
    default: 65_537,
    min: 2,
    max: 5_000_011,
    integer: true,
    about: 'entries of the table, a prime',
  },
} as const

/**
 * Google's Maglev hashing, with weights as Envoy honours them: a key's hash leads straight to an entry of a table in
 * which each candidate holds as many as its weight is worth, within one of each other when weights are equal. Faster to
 * pick from and more even than a ring, but the whole table is made anew at the first pick with a key after a change, in 2
 * to 4 ms for 65,537 entries, and a few more keys move than must: 0.3 % of all when one of ten leaves, 0.6 % of a hundred,
 * 0.9 % of 300; ten times the entries move a quarter of that.
 *
 * Candidates are known by their ids; the same keys go to the same ones in every process, whatever their order. Without a
 * key it chooses at random, whatever the weights. Throws BAD_OPTION and UNKNOWN_OPTION; a pick among more candidates than
 * there are entries throws BAD_OPTION.
 */
export function maglev(options: MaglevOptions = {}): BalancerPlan {
  const { size } = settingsOf('maglev', maglevOptions, options)
  if (!isPrime(size)) throw badOption('maglev.size', `is ${size}, not a prime`, `give ${nextPrime(size)}`)
  return { name: 'maglev', make: (tools) => chooseByTable(size, tools) }
}

function chooseByTable(size: number, { random }: ChooserTools): Chooser {
  let known: unknown
  const holders = new Holders(size)
  return (candidates, key, note) => {
    if (key === undefined) {
      note?.({ balancer: 'maglev', because: 'no key was given: drawn at random' })
      return below(random, candidates.length)
    }
    if (candidates !== known) {
      holders.update(candidates)
      known = candidates
    }
    const entry = (hash32(key, 0) >>> 0) % size
    const place = holders.placeAt(entry)
    if (note) {
      const considered = [{ id: candidates[place]!.instance.id, entry }]
      note({ balancer: 'maglev', because: `it holds the key's entry of ${size}`, considered })
    }
    return place
  }
}

/** The table, and at which places its holders are among the candidates: it lasts while only the places change. */
class Holders {
  readonly #size: number
  #ids: readonly string[] = []
  #weights = new Uint16Array(0)
  #places: readonly number[] = []
  #table: MaglevTable = new Uint16Array(0)

  constructor(size: number) {
    this.#size = size
  }

  placeAt(entry: number): number {
    return this.#places[this.#table[entry]!]!
  }

  update(candidates: readonly Endpoint[]): void {
    if (candidates.length > this.#size) throw tooMany(candidates.length, this.#size)
    const places = placesById(candidates)
    const ids = places.map((place) => candidates[place]!.instance.id)
    const unsorted = weightsOf(candidates)
    const weights = Uint16Array.from(places.map((place) => unsorted[place]!))
    this.#places = places
    if (sameList(ids, this.#ids) && sameList(weights, this.#weights)) return
    this.#ids = ids
    this.#weights = weights
    this.#table = maglevTable({ ids, weights }, this.#size)
  }
}

function placesById(candidates: readonly Endpoint[]): number[] {
  const ids = candidates.map(({ instance }) => instance.id)
  return ids.map((_, place) => place).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1))
}

function sameList<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function tooMany(candidates: number, size: number): Error {
  const wrong = `is ${size}, fewer than the ${candidates} candidates`
  return badOption(
    'maglev.size',
    wrong,
    `give a prime of at least ${nextPrime(candidates)}, better 100 times that`,
  )
}

function nextPrime(from: number): number {
  let n = from
  while (!isPrime(n)) n++
  return n
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false
  return n > 1
}
