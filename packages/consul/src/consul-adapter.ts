import { RollcallError, isNewer } from '@rollcall/core/adapter'
import type { Adapter, Capabilities, Instance, Lease, Listing } from '@rollcall/core/adapter'
import { checkIdOf, checkStates, decodeAll, encode, incarnationOf, serviceIdOf } from './codec.js'
import { expectOk, jsonList, jsonObject } from './wire/answer.js'
import type { ConsulWire } from './wire/consul-wire.js'
import { unusable } from './wire/failure.js'

const minTtlMs = 100
const maxTtlMs = 86_400_000

export class ConsulAdapter implements Adapter {
  readonly name = 'consul'
  readonly capabilities: Capabilities
  readonly #wire: ConsulWire

  constructor(wire: ConsulWire) {
    this.#wire = wire
    this.capabilities = {
      register: true,
      update: true,
      watchServices: true,
      weights: true,
      metadata: true,
      status: true,
      sharedLease: false,
      minTtlMs,
      maxTtlMs,
      ttlStepMs: 1,
      goneAfterMs: 2_000,
      quietMs: Math.max(30_000, 3 * wire.waitMs),
    }
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    const path = `/health/service/${encodeURIComponent(service)}`
    for await (const { answer, ...state } of this.#wire.follow(path, signal)) {
      yield { ...decodeAll(service, jsonList(answer)), ...state }
    }
  }

  async *watchServices(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    for await (const { answer } of this.#wire.follow('/catalog/services', signal, true)) {
      yield Object.keys(jsonObject(answer))
    }
  }

  async register(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    const granted = Math.min(Math.max(ttlMs, minTtlMs), maxTtlMs)
    const body = encode(instance, granted)
    const held = await this.#held(instance, signal)
    if (held?.isAlive && isNewer(held.incarnation, instance.incarnation)) {
      throw new RollcallError('REPLACED', `A newer incarnation of ${serviceIdOf(instance)} is registered.`)
    }
    // Without the parameter an earlier incarnation's check stays, turns critical, and keeps the instance out.
    const query = { 'replace-existing-checks': 'true' }
    const request = { method: 'PUT', path: '/agent/service/register', query, body } as const
    expectOk(await this.#wire.call(request, signal))
    return { ttlMs: granted, renew: (attempt) => this.#renew(instance, attempt) }
  }

  async release(instance: Instance, signal: AbortSignal): Promise<void> {
    const held = await this.#held(instance, signal)
    if (held?.incarnation !== instance.incarnation) return
    const path = `/agent/service/deregister/${encodeURIComponent(serviceIdOf(instance))}`
    const answer = await this.#wire.call({ method: 'PUT', path }, signal)
    if (!/unknown service/i.test(answer.text)) expectOk(answer)
  }

  async close(): Promise<void> {
    this.#wire.close()
  }

  async #renew(instance: Instance, signal: AbortSignal): Promise<void> {
    const verb = checkStates[instance.status] === 'passing' ? 'pass' : 'warn'
    const path = `/agent/check/${verb}/${encodeURIComponent(checkIdOf(instance))}`
    const answer = await this.#wire.call({ method: 'PUT', path }, signal)
    // An unknown check is a 500 of Consul 1.8, a 404 of later ones.
    if (answer.status >= 400 && /does not have associated TTL|unknown check/i.test(answer.text)) {
      throw new RollcallError('LEASE_LOST', `Consul has forgotten the check of ${serviceIdOf(instance)}.`)
    }
    expectOk(answer)
  }

  /** Which incarnation the agent holds under the instance's id, and whether it is renewed. */
  async #held(instance: Instance, signal: AbortSignal): Promise<Held | undefined> {
    const path = `/agent/health/service/id/${encodeURIComponent(serviceIdOf(instance))}`
    const answer = await this.#wire.call({ method: 'GET', path, query: { format: 'json' } }, signal)
    // The status is the health: 200 passing, 429 warning, 503 critical; 404 for an unknown service.
    const health = [200, 404, 429, 503].includes(answer.status) ? jsonObject(answer) : expectOk(answer)
    if (!('AggregatedStatus' in health)) throw unusable(answer)
    const incarnation = incarnationOf(health['Service'])
    return incarnation === undefined ? undefined : { incarnation, isAlive: answer.status < 500 }
  }
}

interface Held {
  readonly incarnation: string
  readonly isAlive: boolean
}
