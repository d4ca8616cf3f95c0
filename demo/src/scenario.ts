import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceView } from '@rollcall/core'
import { ServiceProcess } from './service-process.js'

/** One thing that was done to a service, and how long it took the caller to notice. */
export interface Noticed {
  readonly event: string
  /** Undefined: not within the limit. */
  readonly noticedMs: number | undefined
}

export interface Stage {
  readonly view: ServiceView
  readonly serviceArgs: readonly string[]
  /** Within this time everything must be noticed. */
  readonly limitMs: number
  /** How long it rests between two events. */
  readonly pauseMs: number
  /** Told what happens as it happens. */
  say(line: string): void
}

/** What the demo does to its services, one after the other, while the calls go on. */
export class Scenario {
  readonly cast: ServiceProcess[] = []
  readonly noticed: Noticed[] = []
  readonly #stage: Stage

  constructor(stage: Stage) {
    this.#stage = stage
  }

  async assemble(): Promise<void> {
    for (const name of ['A', 'B', 'C']) await this.#start(name)
    const here = await this.#until(() => this.cast.every(({ id }) => this.#isCalled(id)))
    if (!here) throw new Error('the three services were announced, but the caller does not see them')
  }

  async play(): Promise<void> {
    const { pauseMs } = this.#stage
    const [a, b, c] = this.cast as [ServiceProcess, ServiceProcess, ServiceProcess]
    await sleep(pauseMs)
    await this.#act(
      'kill',
      `${a.name} is killed (SIGKILL)`,
      () => a.kill(),
      () => !this.#isCalled(a.id),
    )
    await this.#act(
      'freeze',
      `${b.name} is frozen (SIGSTOP)`,
      () => b.freeze(),
      () => !this.#isCalled(b.id),
    )
    await this.#until(() => !this.#isListed(b.id))
    let newcomer: ServiceProcess | undefined
    const arrive = async (): Promise<void> => {
      newcomer = await this.#start('D')
    }
    await this.#act(
      'start',
      'D is started',
      arrive,
      () => newcomer !== undefined && this.#isCalled(newcomer.id),
    )
    await this.#act(
      'thaw',
      `${b.name} is thawed (SIGCONT)`,
      () => b.thaw(),
      () => this.#isCalled(b.id),
    )
    await this.#act(
      'leave',
      `${c.name} leaves gracefully (SIGTERM)`,
      () => c.leave(),
      () => !this.#isCalled(c.id),
    )
    await this.#until(() => !this.#isListed(c.id))
    await sleep(pauseMs)
  }

  async end(): Promise<void> {
    await Promise.all(this.cast.map((process) => process.end()))
  }

  async #start(name: string): Promise<ServiceProcess> {
    const started = await ServiceProcess.start(name, this.#stage.serviceArgs)
    this.cast.push(started)
    return started
  }

  async #act(event: string, line: string, act: () => unknown, seen: () => boolean): Promise<void> {
    const { say, pauseMs } = this.#stage
    say(line)
    const start = performance.now()
    const done = Promise.resolve(act())
    const noticed = (await this.#until(seen)) ? Math.round(performance.now() - start) : undefined
    await done
    this.noticed.push({ event, noticedMs: noticed })
    say(noticed === undefined ? '  the caller did not notice in time' : `  noticed after ${noticed} ms`)
    await sleep(pauseMs)
  }

  /** Looks every few milliseconds until the condition holds; false when it does not within the limit. */
  async #until(condition: () => boolean): Promise<boolean> {
    const end = performance.now() + this.#stage.limitMs
    while (!condition()) {
      if (performance.now() > end) return false
      await sleep(5)
    }
    return true
  }

  #isListed(id: string): boolean {
    return this.#stage.view.endpoints.some(({ instance }) => instance.id === id && instance.status !== 'down')
  }

  /** Whether calls go there: listed as up and not ejected. */
  #isCalled(id: string): boolean {
    const endpoint = this.#stage.view.endpoints.find(({ instance }) => instance.id === id)
    return endpoint?.instance.status === 'up' && endpoint.ejectedFor === undefined
  }
}
