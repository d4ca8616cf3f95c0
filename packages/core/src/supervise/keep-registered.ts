import type { Listing } from '../contract.js'
import { newestById } from '../incarnation.js'
import type { Instance } from '../instance.js'
import { badOption } from '../options.js'
import { controllerOfMany } from './attempt.js'
import { Gate } from '../gate.js'
import { Hearts } from './hearts.js'
import { Leftovers } from './leftovers.js'
import { Registration, type RegistrationTools } from './registration.js'
import { SelfVerification } from './self-verification.js'

// Enough to bring 1,000 instances back in seconds, few enough that a store just risen can stand it.
const writesAtOnce = 16

export interface RegistrarTools extends Omit<
  RegistrationTools,
  'hearts' | 'gate' | 'onRegistered' | 'onEnded' | 'onUnreleased'
> {
  readonly verifyMs: number
  /** Reads one service once, by the watch path. */
  read(service: string): Promise<Listing>
}

/** Keeps every announced instance of one registry registered. */
export class Registrar {
  readonly #tools: RegistrationTools
  readonly #verification: SelfVerification
  readonly #over = controllerOfMany()
  readonly #leftovers: Leftovers
  readonly #kept = new Map<string, Map<string, Registration>>()

  constructor(tools: RegistrarTools) {
    const { supervision, verbMs, verifyMs } = tools
    this.#leftovers = new Leftovers(tools, this.#over.signal)
    this.#verification = new SelfVerification({
      supervision,
      everyMs: verifyMs,
      read: (service) => tools.read(service).then((listing) => this.observe(service, listing)),
    })
    this.#tools = {
      ...tools,
      hearts: new Hearts(supervision, verbMs),
      gate: new Gate(writesAtOnce),
      onRegistered: ({ instance }) => this.#verification.soon(instance.service),
      onEnded: ({ instance }) => this.#forget(instance),
      onUnreleased: (instance) => this.#leftovers.add(instance),
    }
  }

  /** Starts keeping an instance. Throws BAD_OPTION when its id is kept already. */
  keep(instance: Instance): Registration {
    const { service, id } = instance
    const kept = this.#kept.get(service) ?? new Map<string, Registration>()
    if (kept.has(id)) {
      throw badOption(
        'id',
        `${id} of ${service} is announced here already`,
        'leave it first, or give another id',
      )
    }
    this.#leftovers.forget(instance)
    const registration = new Registration(this.#tools, instance)
    this.#kept.set(service, kept.set(id, registration))
    registration.start()
    return registration
  }

  /** Holds a listing against what we wrote; called for every listing that any watch of ours yields. */
  observe(service: string, listing: Listing): void {
    const kept = this.#kept.get(service)
    if (!kept) return
    const listed = newestById(listing.instances)
    let lookAgainInMs = Infinity
    for (const [id, registration] of [...kept]) {
      registration.observe(listed.get(id))
      lookAgainInMs = Math.min(lookAgainInMs, registration.lookAgainInMs ?? Infinity)
    }
    if (lookAgainInMs < Infinity) this.#verification.soon(service, lookAgainInMs)
    else if (kept.size > 0) this.#verification.later(service)
  }

  /** Takes every instance back, all at once, until the signal is aborted. */
  async close(signal: AbortSignal): Promise<void> {
    const all = [...this.#kept.values()].flatMap((kept) => [...kept.values()])
    await Promise.all(all.map((registration) => registration.withdraw(signal)))
    this.#over.abort(signal.reason)
    this.#verification.close()
  }

  #forget({ service, id }: Instance): void {
    const kept = this.#kept.get(service)
    kept?.delete(id)
    if (kept?.size !== 0) return
    this.#kept.delete(service)
    this.#verification.forget(service)
  }
}
