import type { ChildProcess } from 'node:child_process'
import { forkProgram, killed, messageOf } from './child.js'
import type { Contender } from './contender.js'
import type { Summary } from './tally.js'

export interface CallerPlan {
  readonly url: string
  readonly contenders: readonly Contender[]
  /** Of each contender. */
  readonly perSecond: number
}

export type CallerCommand =
  | { readonly type: 'open'; readonly ids: readonly string[] }
  | { readonly type: 'before' | 'during' | 'finish' }

export type CallerMessage =
  | { readonly type: 'started' }
  | { readonly type: 'opened' }
  | { readonly type: 'progress'; readonly made: number; readonly failed: number }
  | { readonly type: 'results'; readonly results: readonly Result[]; readonly busy: number }

/** What one contender made of a fault. */
export interface Result {
  readonly contender: Contender
  readonly before: Summary
  readonly during: Summary
}

const limitMs = 90_000

/** A process that calls the service in several ways at once. */
export class CallerProcess {
  /** Calls of the present phase, and how many of them failed. */
  progress: { readonly made: number; readonly failed: number } = { made: 0, failed: 0 }
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: CallerMessage) => {
      if (message.type === 'progress') this.progress = message
    })
  }

  static async start(plan: CallerPlan): Promise<CallerProcess> {
    const caller = new CallerProcess(forkProgram('caller', [JSON.stringify(plan)]))
    await caller.#told('started')
    return caller
  }

  /** Opens views that know nothing yet, once exactly these instances are listed, and begins to call. */
  async open(ids: readonly string[]): Promise<void> {
    this.#send({ type: 'open', ids })
    await this.#told('opened')
  }

  /** From now on calls count for another phase. */
  count(phase: 'before' | 'during'): void {
    this.#send({ type: phase })
  }

  /** Ends the calls, waits for the last one; `busy` is the share of one core that it needed since `before`. */
  async finish(): Promise<{ readonly results: readonly Result[]; readonly busy: number }> {
    this.#send({ type: 'finish' })
    return this.#told('results')
  }

  kill(): Promise<void> {
    return killed(this.#child)
  }

  #send(command: CallerCommand): void {
    this.#child.send(command)
  }

  #told<K extends CallerMessage['type']>(type: K): Promise<Told<K>> {
    return messageOf(
      this.#child,
      (message: CallerMessage): message is Told<K> => message.type === type,
      limitMs,
    )
  }
}

type Told<K extends CallerMessage['type']> = Extract<CallerMessage, { readonly type: K }>
