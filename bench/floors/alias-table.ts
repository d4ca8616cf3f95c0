export interface AliasTable {
  readonly share: Float64Array
  readonly other: Uint32Array
}

/** Walker's, in two typed arrays. */
export function aliasTable(weights: readonly number[]): AliasTable {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  const share = Float64Array.from(weights, (weight) => weight / mean)
  const other = new Uint32Array(weights.length)
  const columns = [...share.keys()]
  const poor = columns.filter((i) => share[i]! < 1)
  const rich = columns.filter((i) => share[i]! >= 1)
  while (poor.length > 0 && rich.length > 0) {
    const [taker, giver] = [poor.pop()!, rich.at(-1)!]
    other[taker] = giver
    share[giver]! -= 1 - share[taker]!
    if (share[giver]! < 1) poor.push(rich.pop()!)
  }
  return { share, other }
}

export function drawn(random: () => number, share: Float64Array, other: Uint32Array): number {
  const place = ((random() >>> 0) / 2 ** 32) * share.length
  const column = Math.floor(place)
  return place - column < share[column]! ? column : other[column]!
}
