/** One measured thing beside its reference, both taken in the same run. Only the ratio travels between machines. */
export interface Row {
  readonly name: string
  readonly ours: number
  readonly reference: {
    readonly name: `floor: ${string}` | `peer: ${string}`
    readonly value: number
    readonly unit: string
  }
  /** Ours over the reference: less is better. */
  readonly ratio: number
}

export function row(name: string, ours: number, reference: Row['reference']): Row {
  return { name, ours, reference, ratio: ours / reference.value }
}
