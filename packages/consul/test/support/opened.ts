import {
  checkUrl,
  parseOptions,
  parseUrl,
  readInstance,
  systemClock,
  systemRandom,
  type Adapter,
  type Instance,
  type InstanceRecord,
  type Listing,
} from '@rollcall/core/adapter'
import { consul } from '../../src/definition.js'

type Registering = Adapter & Required<Pick<Adapter, 'register' | 'release' | 'watchServices' | 'close'>>

/** An adapter, as `connect` opens it. */
export function opened(
  url: string,
  options: Record<string, unknown> = {},
  warn: (message: string) => void = () => {},
): Registering {
  const parsed = checkUrl(parseUrl(url), consul.accepts)
  const given = parseOptions(consul.options!, { query: parsed.query, options })
  const context = { clock: systemClock, random: systemRandom(), ttlMs: 15_000, warn }
  return consul.open(parsed, given, context) as Registering
}

export function instance(fields: Partial<InstanceRecord> = {}): Instance {
  return readInstance({
    service: 'orders',
    id: 'orders-1',
    host: '10.0.0.1',
    port: 8080,
    incarnation: '0a',
    registeredAt: 1_700_000_000_000,
    ...fields,
  })
}

/** A signal of its own for each call, aborted at the end of the test if not before. */
export function signal(withinMs = 20_000): AbortSignal {
  return AbortSignal.timeout(withinMs)
}

/** Pulls until a listing fits. */
export async function listingWhere(
  listings: AsyncIterable<Listing>,
  fits: (listing: Listing) => boolean,
): Promise<Listing> {
  for await (const listing of listings) if (fits(listing)) return listing
  throw new Error('the watch ended')
}

/** The first listing of a watch of its own. */
export async function listed(adapter: Adapter, service = 'orders'): Promise<Listing> {
  const ending = new AbortController()
  try {
    return await listingWhere(adapter.watch(service, ending.signal), () => true)
  } finally {
    ending.abort()
  }
}

export function ids(listing: Listing): string[] {
  return listing.instances.map((one) => one.id).sort()
}
