import Consul from 'consul'
import type { EventEmitter } from 'node:events'
import { Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { HostPort, TlsFiles } from '@rollcall/core/adapter'

/**
 * A `consul` client, ours or one that a user hands in. Its public calls drop what we need (weights,
 * replace-existing-checks, a signal), so requests go through the base class that all of them go through.
 */
export interface ConsulClient {
  _request(options: ClientRequest, last: Middleware): Promise<IncomingMessage>
  readonly _opts?: { readonly agent?: HttpAgent | false; readonly timeout?: number }
  readonly _defaults?: Readonly<Record<string, unknown>>
}

interface ClientRequest {
  readonly name: string
  readonly method: 'GET' | 'PUT'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly timeout: number
  readonly agent?: HttpAgent
  /** Its event `cancel` ends the request. */
  readonly ctx: EventEmitter
  /** Where the body goes; the client itself never notices a body that breaks off. */
  readonly pipe: NodeJS.WritableStream
}

export type Middleware = (
  request: { readonly err?: Error; readonly res?: IncomingMessage },
  next: (error: Error | false, ...values: unknown[]) => void,
) => void

/** What calls go through: short ones apart from those that wait, so that no waiting watch holds up a heartbeat. */
export interface Connection {
  readonly client: ConsulClient
  /** Absent for a client that was handed in: its own agent serves all. */
  readonly agents?: { readonly calls: HttpAgent; readonly waits: HttpAgent }
  /** How many waiting requests there may be at once. */
  readonly mostWaiting: number
  /** How many short ones: the client counts a request's time from its making, also while its agent has no socket. */
  readonly mostCalling: number
  readonly token?: string
}

// An agent closes what exceeds 200 connections from one address, heartbeats and other processes included.
const mostWaiting = 100
// 1000 writes over 8 sockets take as long as over 1000, of which it refuses 800.
const mostCalling = 8

/** A client and agents of our own. */
export function openConnection(at: HostPort, tls: TlsFiles | undefined, token?: string): Connection {
  const { serverName, ...files } = tls ?? {}
  // `host` here overrides the request's, for which the client takes an IPv6 address with its brackets.
  const options = { keepAlive: true, host: at.host, ...files, ...(serverName && { servername: serverName }) }
  const agent = (maxSockets: number): HttpAgent =>
    tls ? new HttpsAgent({ ...options, maxSockets }) : new HttpAgent({ ...options, maxSockets })
  const agents = { calls: agent(mostCalling), waits: agent(Infinity) }
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  const client = new Consul({ host, port: at.port, secure: tls !== undefined, agent: agents.calls })
  return {
    client: client as unknown as ConsulClient,
    agents,
    mostWaiting,
    mostCalling,
    ...(token !== undefined && { token }),
  }
}

/** A client that a user handed in, with its own agent, token and defaults. */
export function adoptClient(client: ConsulClient): Connection {
  const token = client._defaults?.['token']
  // Half of a bounded agent stays free for heartbeats.
  const half = maxSocketsOf(client) / 2
  return {
    client,
    mostWaiting: Math.min(mostWaiting, Math.floor(half)),
    mostCalling: Math.min(mostCalling, Math.ceil(half)),
    ...(typeof token === 'string' && { token }),
  }
}

export function isConsulClient(value: unknown): value is ConsulClient {
  return typeof (value as Partial<ConsulClient> | null | undefined)?._request === 'function'
}

/** What a client that was handed in lacks, in words; undefined if nothing. */
export function lacksOf(client: ConsulClient): string | undefined {
  if (client._opts?.timeout) return undefined
  return 'The client given as option client has no timeout (only the calls made here get one).'
}

function maxSocketsOf(client: ConsulClient): number {
  return (client._opts?.agent || undefined)?.maxSockets ?? Infinity
}
