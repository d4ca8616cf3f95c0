import { abortable } from './abortable.js'

interface Flight<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  passengers: number
}

/** Does one thing for many who want it at the same time; aborted once none of them wants it any more. */
export class SingleFlight<T> {
  readonly #start: (signal: AbortSignal) => Promise<T>
  #flight: Flight<T> | undefined

  constructor(start: (signal: AbortSignal) => Promise<T>) {
    this.#start = start
  }

  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    const flight = (this.#flight ??= this.#takeOff())
    flight.passengers++
    try {
      return await abortable(flight.result, signal)
    } finally {
      if (--flight.passengers === 0) this.#land(flight, signal.reason)
    }
  }

  /** Ends what is under way: everybody who waits gets the reason. */
  abort(reason: unknown): void {
    this.#flight?.controller.abort(reason)
  }

  #takeOff(): Flight<T> {
    const controller = new AbortController()
    const result = abortable(this.#start(controller.signal), controller.signal)
    const flight = { result, controller, passengers: 0 }
    const over = (): void => this.#land(flight)
    result.then(over, over)
    return flight
  }

  // Nobody may board a flight that is over or given up, even if its promise is still to settle.
  #land(flight: Flight<T>, reason?: unknown): void {
    if (this.#flight === flight) this.#flight = undefined
    flight.controller.abort(reason)
  }
}
