import { sleep, systemClock, type Clock } from '@rollcall/core/adapter'

/** How time passes for the suite: by itself, or by moving the harness' clock. */
export interface Passage {
  readonly clock: Clock
  pass(ms: number): Promise<void>
  /** The promise's result, or `late`. A rejection passes through. */
  within<T>(promise: Promise<T>, ms: number): Promise<T | typeof late>
}

export const late: unique symbol = Symbol('late')

export const realTime: Passage = {
  clock: systemClock,
  pass: (ms) => sleep(systemClock, ms),
  async within(promise, ms) {
    const over = new AbortController()
    const timeout = sleep(systemClock, ms, over.signal).then((): typeof late => late)
    timeout.catch(() => {})
    try {
      return await Promise.race([promise, timeout])
    } finally {
      over.abort()
    }
  },
}

const stepMs = 5

export function movedTime(clock: Clock & { advance(ms: number): Promise<void> }): Passage {
  return {
    clock,
    pass: (ms) => clock.advance(ms),
    // In small steps: a clock moved by the whole limit would let leases run out behind a promise that is already settled.
    async within(promise, ms) {
      let settled = false
      const mark = (): void => void (settled = true)
      promise.then(mark, mark)
      for (let passed = 0; ; passed += stepMs) {
        await clock.advance(passed === 0 ? 0 : stepMs)
        if (settled) return promise
        if (passed >= ms) return late
      }
    },
  }
}
