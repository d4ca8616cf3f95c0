/** Shares in proportion to the amounts, with a sum of 1; equal ones where all amounts are 0. */
export function inProportion(amounts: readonly number[]): number[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0)
  return amounts.map((amount) => (total > 0 ? amount / total : 1 / amounts.length))
}
