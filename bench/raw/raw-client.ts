import type { Instance } from '@rollcall/core'

/** A store's usual client, used as plainly as can be: what Rollcall is measured beside. */
export interface RawClient {
  /** Writes the instance, for as long as the store is up. */
  put(instance: Instance): Promise<void>
  /** Follows ten or so instances; resolves once it does. Tells the metadata of every one that changed. */
  watch(service: string, ids: readonly string[], onChange: (seen: Seen) => void): Promise<void>
  /** Registers them all with as few leases as the store allows, and renews these at a third of the TTL. */
  announce(instances: readonly Instance[], ttlMs: number): Promise<void>
  close(): void
}

export interface Seen {
  readonly id: string
  readonly mark: string | undefined
}

/** The key in an instance's metadata by which a write is known again. */
export const markKey = 'bench-mark'

/** Does the work for each, at most so many at once. */
export async function forAll<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values()
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
