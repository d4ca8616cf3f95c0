import { commonDivisor, type Inherited, type PeriodicTurns, periodOf, type Standing } from './turns.js'

/**
 * nginx's smooth weighted round robin. Everybody's credit grows by his weight, the one with the most credit is next and
 * pays the sum of the weights: 5, 1, 1 gives `a a b a c a a`, after which all credits are 0 again. Each turn looks at
 * everybody.
 */
export class TurnScan implements PeriodicTurns {
  readonly credits: Int32Array
  readonly #weights: Int32Array
  readonly #total: number

  constructor(weights: ArrayLike<number>, { lags }: Inherited) {
    const divisor = commonDivisor(weights)
    this.#weights = Int32Array.from(weights, (weight) => weight / divisor)
    this.#total = periodOf(weights)
    // Rounding moves each by half a step at most, of which a turn has `total`.
    this.credits = Int32Array.from(lags, (lag, i) => (weights[i] === 0 ? 0 : Math.round(lag * this.#total)))
  }

  next(): number {
    const { credits } = this
    let best = 0
    let most = -Infinity
    for (let i = 0; i < credits.length; i++) {
      const credit = credits[i]! + this.#weights[i]!
      credits[i] = credit
      if (credit > most) {
        most = credit
        best = i
      }
    }
    credits[best]! -= this.#total
    return best
  }

  standing(): Standing {
    return { lags: Float64Array.from(this.credits, (credit) => credit / this.#total), rings: new Map() }
  }
}
