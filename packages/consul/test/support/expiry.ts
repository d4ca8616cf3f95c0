import type { Adapter } from '@rollcall/core/adapter'
import { instance, listingWhere, signal } from './opened.js'

/**
 * Waits until an expiry shows in time. An agent tells the catalog of one in the background, and up to 30 s late while it
 * waits to repeat a full synchronisation: one from before its servers had a leader, or one that met a registration. But
 * with whatever is registered it tells at once of all that has expired until then: only an expiry of what was seen alive
 * before shows anything.
 */
export async function expiryShows(adapter: Adapter): Promise<void> {
  const warmUp = instance({ service: 'warm-up' })
  const sizes: number[] = []
  while (!sizes.includes(1)) {
    await adapter.register!(warmUp, 500, signal())
    await listingWhere(adapter.watch('warm-up', signal(40_000)), ({ instances, lapsed = [] }) => {
      sizes.push(instances.length)
      return lapsed.length > 0
    })
  }
  await adapter.release!(warmUp, signal())
}
