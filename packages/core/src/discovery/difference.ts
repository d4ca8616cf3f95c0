import { sameInstance, type Instance } from '../instance.js'

export interface Difference {
  readonly added: number
  readonly removed: number
  readonly updated: number
}

/** How two sets, each sorted by id, differ. */
export function difference(before: readonly Instance[], after: readonly Instance[]): Difference {
  let added = 0
  let removed = 0
  let updated = 0
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    const old = before[i]
    const now = after[j]
    if (!old || (now && now.id < old.id)) {
      added++
      j++
    } else if (!now || old.id < now.id) {
      removed++
      i++
    } else {
      if (!sameInstance(old, now)) updated++
      i++
      j++
    }
  }
  return { added, removed, updated }
}

export function isEmpty({ added, removed, updated }: Difference): boolean {
  return added + removed + updated === 0
}
