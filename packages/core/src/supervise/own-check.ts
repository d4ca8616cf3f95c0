import { show } from '../options.js'

/**
 * Runs a check of the user's: false or a throw is a failure, true or nothing a pass. One that ignores its signal and
 * hangs is not started a second time: it would pile up, once for every interval.
 */
export class OwnCheck {
  #isRunning = false

  /** Rejects with the reason for which the check failed. */
  async run(check: () => unknown): Promise<void> {
    if (this.#isRunning) throw new Error('the check before has not ended yet')
    this.#isRunning = true
    try {
      judge(await check())
    } finally {
      this.#isRunning = false
    }
  }
}

function judge(result: unknown): void {
  if (result === true || result === undefined) return
  if (result === false) throw new Error('the check returned false')
  // A fetch's answer is an object whatever its status: to take it for a pass would hide a 500.
  throw new Error(`the check returned ${show(result)}: return true, false or nothing`)
}
