import {
  connect,
  type CallOptions,
  type Registry,
  type ServiceOptions,
  type ServiceView,
} from '@rollcall/core'
import type { Adapter, Clock, Instance, Random } from '@rollcall/core/adapter'
import { service } from './plan.js'
import type { SelectionChange, Answer, Caller } from './simulation.js'

/** What a caller shares with the others: the store and the time. */
export interface World {
  readonly adapter: Adapter
  readonly clock: Clock
  onChange(change: SelectionChange): void
}

/** One attempt, as the network has it. */
export type Ask = (instance: Instance, signal: AbortSignal, attempt: number) => Promise<Answer>

/** A process that calls: a registry and a view of its own, so that it knows only what its own calls taught it. */
export class SimulatedCaller {
  readonly who: Caller
  readonly #registry: Registry
  readonly #view: ServiceView

  private constructor(who: Caller, registry: Registry, view: ServiceView) {
    this.who = who
    this.#registry = registry
    this.#view = view
  }

  /** Rejects with what `registry.service` throws. */
  static async start(
    who: Caller,
    { adapter, clock, onChange }: World,
    random: Random,
    options: ServiceOptions,
  ): Promise<SimulatedCaller> {
    const adapters = [{ schemes: ['simulated'], open: () => adapter }]
    const registry = await connect('simulated:', { adapters, clock, random })
    const startedAt = clock.wall()
    const told = (type: SelectionChange['type']) => (event: { at: number; id: string }) =>
      onChange({ atMs: Math.round(event.at - startedAt), caller: who.index, type, server: event.id })
    registry.events.on('endpoint.ejected', told('ejected'))
    registry.events.on('endpoint.returned', told('returned'))
    return new SimulatedCaller(who, registry, registry.service(service, options))
  }

  async ready(): Promise<void> {
    await this.#view.ready()
  }

  /** Resolves with what the strategy makes of the answers: mostly one of them. */
  call(options: CallOptions<Answer, unknown>, ask: Ask): Promise<unknown> {
    return this.#view.call((instance, { signal, attempt }) => ask(instance, signal, attempt), options)
  }

  close(): Promise<void> {
    return this.#registry.close()
  }
}
