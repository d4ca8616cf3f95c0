import { badOption } from '@rollcall/core/adapter'
import type { Etcd3 } from 'etcd3'
import type { Client } from './member.js'

type Settings = NonNullable<ConstructorParameters<typeof Etcd3>[0]>

/** Looks at a client that was handed in, and names what it lacks. Throws BAD_OPTION for anything else. */
export function handedIn(value: unknown): { client: Client; lacks: string[] } {
  if (!isClient(value))
    throw badOption('client', 'is no client of etcd3', "give `new Etcd3(…)` of 'etcd3' 1.1")
  // The client keeps its settings where its types don't show them.
  const { options = {} } = value as { options?: Partial<Settings> }
  const { grpcOptions = {}, auth, defaultCallOptions, faultHandling } = options
  const lacks = [
    !grpcOptions['grpc.keepalive_time_ms'] &&
      "notices a frozen server or a dead connection minutes late (set grpcOptions['grpc.keepalive_time_ms'] to 10000 and 'grpc.keepalive_timeout_ms' to 3000)",
    auth &&
      !auth.callOptions &&
      !defaultCallOptions &&
      'logs in without a deadline (set auth.callOptions to one)',
    !(faultHandling?.global && faultHandling.host) &&
      'repeats failed calls and refuses calls for 5 s after three failures (set faultHandling to no-op policies)',
  ]
  return { client: value, lacks: lacks.filter((lack) => typeof lack === 'string') }
}

// By shape and not by class: the application may have a copy of etcd3 of its own.
function isClient(value: unknown): value is Client {
  const { kv, leaseClient, watchClient } = (value ?? {}) as Record<
    string,
    Record<string, unknown> | undefined
  >
  return [kv?.['range'], kv?.['txn'], leaseClient?.['leaseGrant'], watchClient?.['watch']].every(
    (method) => typeof method === 'function',
  )
}
