import { advertisedHost } from '../advertised-host.js'
import { instanceToAnnounce, type AnnounceOptions } from '../announce.js'
import type { Adapter } from '../contract.js'
import { RollcallError, type ErrorCode } from '../errors.js'
import { createIncarnation } from '../incarnation.js'
import type { Registrar } from './keep-registered.js'
import type { Supervision } from './keep-trying.js'
import type { Registration } from './registration.js'

export interface AnnounceTools {
  readonly adapter: Adapter
  readonly supervision: Supervision
  readonly registrar: Registrar
  /** The registry's URL as it may be shown. */
  readonly url: string
  readonly host: string | undefined
  readonly defaultHost: string | undefined
}

/** What no second attempt mends: `announce` rejects with it. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_OPTION',
  'MISCONFIGURED',
  'READ_ONLY',
  'REPLACED',
  'UNSUPPORTED',
])

/**
 * Makes the instance that the options describe, and a registration of it. Resolves after the first attempt to write it,
 * whether or not the store answered; rejects with what no second attempt mends, and then keeps nothing.
 */
export async function announce(tools: AnnounceTools, options: AnnounceOptions): Promise<Registration> {
  const { adapter, supervision, registrar, host, defaultHost, url } = tools
  if (!adapter.register || !adapter.capabilities.register) {
    throw new RollcallError('READ_ONLY', `${adapter.name} only discovers: announce on another registry.`)
  }
  const instance = instanceToAnnounce(options, {
    host: () => advertisedHost(options.host ?? host, defaultHost),
    incarnation: createIncarnation(supervision.clock, supervision.random),
    registeredAt: supervision.clock.wall(),
  })
  const registration = registrar.keep(instance)
  await registration.settled()
  const { lastError, state } = registration
  if (lastError && refusals.has(lastError.code)) {
    registration.abandon()
    throw lastError
  }
  if (state === 'left') throw new RollcallError('CLOSED', `The registry ${url} was closed meanwhile.`)
  return registration
}
