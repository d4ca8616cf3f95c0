import { sleep, type Clock, type Lease } from '@rollcall/core/adapter'
import { RuleBroken } from './rule-broken.js'

/**
 * Renews a lease again and again until the signal; rejects when a renewal does, or has no answer within `verbMs`. On
 * timers of its own: what a check does meanwhile may take longer than the TTL. Every quarter of it, where core renews
 * every third: a beat that is held up must end no check.
 */
export async function keepRenewed(
  lease: Lease,
  clock: Clock,
  verbMs: number,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await answered(lease.renew(signal), clock, verbMs)
    await sleep(clock, lease.ttlMs / 4, signal)
  }
}

function answered(renewal: Promise<void>, clock: Clock, verbMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const tooLate = (): void => reject(new RuleBroken(`renew gave no answer within ${verbMs} ms`))
    const cancel = clock.after(verbMs, tooLate)
    renewal.then(resolve, reject).finally(cancel)
  })
}
