import type { Lease } from '@rollcall/core/adapter'
import { setTimeout as sleep } from 'node:timers/promises'
import { signal } from './opened.js'

/** When a registration or a renewal went out, and when its answer was there: the agent took it in between. */
export interface Beat {
  readonly sentAt: number
  readonly answeredAt: number
}

export async function beat(send: () => Promise<unknown>): Promise<Beat> {
  const sentAt = performance.now()
  await send()
  return { sentAt, answeredAt: performance.now() }
}

/** The longest that the agent can have waited from one to the next. */
export function longestWait(beats: readonly Beat[]): number {
  return Math.max(...beats.slice(1).map(({ answeredAt }, i) => answeredAt - beats[i]!.sentAt))
}

/** Renews beside the work, so that no lease runs out because the machine stalled. */
export async function whileRenewed<T>(lease: Lease, work: Promise<T>): Promise<T> {
  const over = new AbortController()
  const renewing = async (): Promise<never> => {
    for (;;) {
      await lease.renew(signal())
      await sleep(200, undefined, { signal: over.signal })
    }
  }
  return Promise.race([work, renewing()]).finally(() => over.abort())
}
