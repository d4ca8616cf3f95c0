import { fraction, type Clock, type Random } from '@rollcall/core/adapter'
import type { Ailment } from './fault.js'
import type { ServerPlan } from './plan.js'
import type { Answer } from './simulation.js'

interface Job {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
  /** Stops its timer, while one runs. */
  cancel: () => void
}

/**
 * A server that only takes time: a queue before its workers, and the faults that it suffers from at present. A caller
 * that hangs up is not noticed, as by most real ones: the work is done all the same.
 */
export class SimulatedServer {
  readonly plan: ServerPlan
  /** Asked and not answered, queue included. */
  readonly #open = new Set<Job>()
  readonly #queue: Job[] = []
  /** Ready to be answered as soon as it thaws. */
  #stalled: (() => void)[] = []
  readonly #ailments = new Set<Ailment>()
  readonly #clock: Clock
  readonly #random: Random
  #busy = 0
  asked = 0
  answered = 0
  maxInFlight = 0

  constructor(plan: ServerPlan, clock: Clock, random: Random) {
    this.plan = plan
    this.#clock = clock
    this.#random = random
  }

  /** Whether it would answer, however late and badly. */
  get isWell(): boolean {
    return !this.#has('dead') && !this.#has('frozen')
  }

  /** Rejects like a socket would. */
  handle(isCounted: boolean): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (isCounted) this.asked++
      if (this.#has('dead')) return reject(socketError('ECONNREFUSED'))
      const job: Job = { resolve, reject, cancel() {} }
      this.#open.add(job)
      if (isCounted) this.maxInFlight = Math.max(this.maxInFlight, this.#open.size)
      const reset = this.#struckBy('resets')
      if (reset) return this.#in(reset.ms ?? 0, job, () => this.#reset(job))
      this.#queue.push(job)
      this.#work()
    })
  }

  suffer(ailment: Ailment): void {
    this.#ailments.add(ailment)
    if (ailment.kind === 'dead') this.#die()
  }

  recover(ailment: Ailment): void {
    this.#ailments.delete(ailment)
    if (this.#has('frozen')) return
    const stalled = this.#stalled
    this.#stalled = []
    for (const go of stalled) go()
    this.#work()
  }

  #work(): void {
    while (this.#busy < this.plan.workers && this.#queue.length > 0 && !this.#has('frozen')) {
      this.#begin(this.#queue.shift()!)
    }
  }

  #begin(job: Job): void {
    this.#busy++
    const error = this.#struckBy('errors')
    const usualMs = this.plan.draw(this.#random) + this.#slownessMs()
    const status = error ? 503 : 200
    this.#in(error?.ms ?? usualMs, job, () => this.#answer(job, status))
  }

  #answer(job: Job, status: 200 | 503): void {
    this.#open.delete(job)
    this.#busy--
    if (status === 200) this.answered++
    job.resolve({ status, server: this.plan.instance.id })
    this.#work()
  }

  #reset(job: Job): void {
    this.#open.delete(job)
    job.reject(socketError('ECONNRESET'))
  }

  /** Runs `then` after a time, or when it thaws if it is frozen by then. To the microsecond: see `chance`. */
  #in(ms: number, job: Job, then: () => void): void {
    job.cancel = this.#clock.after(Math.round(ms * 1000) / 1000, () => {
      if (this.#has('frozen')) this.#stalled.push(then)
      else then()
    })
  }

  #die(): void {
    for (const job of this.#open) {
      job.cancel()
      job.reject(socketError('ECONNRESET'))
    }
    this.#open.clear()
    this.#queue.length = 0
    this.#stalled = []
    this.#busy = 0
  }

  #has(kind: Ailment['kind']): boolean {
    for (const ailment of this.#ailments) if (ailment.kind === kind) return true
    return false
  }

  #slownessMs(): number {
    let ms = 0
    for (const ailment of this.#ailments) if (ailment.kind === 'slow') ms += ailment.ms
    return ms
  }

  /** The first fault of the kind that hits this call. Chance is asked only while there is such a fault. */
  #struckBy(kind: 'errors' | 'resets'): { readonly ms: number | undefined } | undefined {
    for (const ailment of this.#ailments) {
      if (ailment.kind === kind && fraction(this.#random) < ailment.share) return ailment
    }
    return undefined
  }
}

function socketError(code: 'ECONNREFUSED' | 'ECONNRESET'): Error {
  const syscall = code === 'ECONNREFUSED' ? 'connect' : 'read'
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
}
