import type { ServiceView } from '@rollcall/core'

/** Calls a service twenty times a second, and keeps what failed. */
export class SteadyCaller {
  made = 0
  readonly failed: unknown[] = []
  readonly #underWay = new Set<Promise<void>>()
  readonly #timer: NodeJS.Timeout

  constructor(view: ServiceView) {
    this.#timer = setInterval(() => {
      const call = this.#call(view).finally(() => this.#underWay.delete(call))
      this.#underWay.add(call)
    }, 50)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#underWay)
  }

  async #call(view: ServiceView): Promise<void> {
    this.made++
    try {
      await view.call(
        async ({ url }, { signal }) => {
          const response = await fetch(url, { signal })
          return { status: response.status, text: await response.text() }
        },
        { idempotent: true, attemptTimeoutMs: 1000 },
      )
    } catch (error) {
      this.failed.push(error)
    }
  }
}
