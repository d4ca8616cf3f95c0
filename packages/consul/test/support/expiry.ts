import type { Adapter } from '@rollcall/core/adapter'
import { instance, listingWhere, signal } from './opened.js'

/** An agent that started before its servers had a leader tells the catalog of an expiry up to 30 s late, at first. */
export async function expiryShows(adapter: Adapter): Promise<void> {
  await adapter.register!(instance({ service: 'warm-up' }), 100, signal())
  await listingWhere(adapter.watch('warm-up', signal(40_000)), ({ lapsed = [] }) => lapsed.length > 0)
  await adapter.release!(instance({ service: 'warm-up' }), signal())
}
