import type { CallerProcess } from './caller-process.js'
import type { FaultName } from './fault.js'
import type { Phase } from './trial.js'

const isLive = process.stdout.isTTY && process.env['CI'] === undefined

/** Shows what goes on: on a terminal in one line that is written anew, elsewhere in a line for each phase. */
export class Progress {
  readonly #callers: readonly CallerProcess[]
  readonly #timer: NodeJS.Timeout | undefined
  #title = ''
  #since = performance.now()

  constructor(callers: readonly CallerProcess[]) {
    this.#callers = callers
    if (isLive) this.#timer = setInterval(() => this.#draw(), 200)
  }

  readonly enter = (phase: Phase, fault?: FaultName): void => {
    this.#title = fault === undefined ? phase : `${fault}, ${phase}`
    this.#since = performance.now()
    if (isLive) this.#draw()
    else if (phase === 'before' || phase === 'during') console.log(`${this.#title} …`)
  }

  /** Prints lines that stay. */
  say(lines: readonly string[]): void {
    this.#clear()
    console.log(lines.join('\n'))
  }

  end(): void {
    clearInterval(this.#timer)
    this.#clear()
  }

  #draw(): void {
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(1)
    const sum = (of: 'made' | 'failed'): number =>
      this.#callers.reduce((n, { progress }) => n + progress[of], 0)
    this.#clear()
    process.stdout.write(`${this.#title}, ${seconds} s: ${sum('made')} calls, ${sum('failed')} failed`)
  }

  #clear(): void {
    if (isLive) process.stdout.write('\r\u001B[K')
  }
}
