import { tlsOptions } from '../tls.js'
import type { ProbeFunction } from './function-check.js'
import type { ExpectedStatus } from './statuses.js'

/** What `probe` takes: a check's name, a function of your own, or either with settings. */
export type Probe = ProbeName | ProbeFunction | ProbeOptions

type ProbeName = 'tcp' | 'http' | 'grpc'

export interface ProbeOptions {
  /**
   * `tcp` (the default): a connection opens. `http`: a request gets an expected status. `grpc`: `grpc.health.v1` says
   * SERVING. The latter two use TLS, and verify it, for instances whose scheme is https, grpcs or wss. Or a function.
   */
  check?: ProbeName | ProbeFunction
  /** With `http`: `/` by default. */
  path?: string
  /** With `http`: `GET` by default. */
  method?: 'GET' | 'HEAD'
  /** With `http`: statuses, or ranges such as `'200-299'`, which is the default. Envoy's is 200 alone. */
  expect?: ExpectedStatus | readonly ExpectedStatus[]
  /** With `http` and `grpc`: the Host header or `:authority`, by default the instance's own host and port. */
  host?: string
  /** With `grpc`: the service to ask for, by default the server as a whole. */
  service?: string
  /** With `http` and `grpc` over TLS: the authority that signed the instances' certificates, PEM text or a file. */
  ca?: string
  /** Our own certificate, for mutual TLS: PEM text or a file. */
  cert?: string
  /** The key of `cert`: PEM text or a file. */
  key?: string
  /** The name expected in the certificates; by default that of `host`, else the instance's host. */
  serverName?: string
  /** From the end of one check of an endpoint to the next, 5,000 by default. The first comes at random within it. */
  intervalMs?: number
  /** The interval while the last check contradicts the verdict; by default 1,000, or `intervalMs` if that is less. */
  edgeMs?: number
  /**
   * The interval while nobody has called for as long; by default 60,000 (Envoy's), or `intervalMs` if that is more. The
   * first call brings `intervalMs` back.
   */
  noTrafficMs?: number
  /** Every interval is longer by a random part of up to so much of it, 0.1 by default (Envoy's interval_jitter_percent). */
  jitter?: number
  /** One check takes at most this long, 1,000 by default; then it has failed. */
  timeoutMs?: number
  /**
   * Failures in a row that take an endpoint out, 3 by default. Not so with Envoy, an unexpected answer counts like no
   * answer: there a single one takes it out.
   */
  unhealthyAfter?: number
  /** Passes in a row that bring it back, 2 by default; the very first check of an endpoint suffices to pass. */
  healthyAfter?: number
  /** At most so many endpoints of a view are being checked at a time, 32 by default. */
  atOnce?: number
}

const ownOptions = {
  check: { type: 'value', about: 'tcp, http, grpc, or a function' },
  path: { type: 'string', default: '/', about: 'the path of an http check' },
  method: { type: 'string', default: 'GET', about: 'the method of an http check: GET or HEAD' },
  expect: { type: 'value', about: 'the statuses that pass an http check' },
  host: { type: 'string', about: 'the Host header of an http check, the authority of a grpc check' },
  service: { type: 'string', about: 'the service that a grpc check asks for' },
  intervalMs: {
    type: 'number',
    default: 5_000,
    min: 10,
    max: 86_400_000,
    about: 'from the end of one check of an endpoint to the next',
  },
  edgeMs: {
    type: 'number',
    min: 10,
    max: 86_400_000,
    about: 'the interval while the last check contradicts the verdict',
  },
  noTrafficMs: {
    type: 'number',
    min: 10,
    max: 86_400_000,
    about: 'the interval while nobody has called for as long',
  },
  jitter: {
    type: 'number',
    default: 0.1,
    min: 0,
    max: 1,
    about: 'the largest random part by which intervals are longer',
  },
  timeoutMs: { type: 'number', default: 1_000, min: 1, max: 600_000, about: 'time for one check' },
  unhealthyAfter: {
    type: 'number',
    integer: true,
    default: 3,
    min: 1,
    max: 100,
    about: 'failures in a row that take an endpoint out',
  },
  healthyAfter: {
    type: 'number',
    integer: true,
    default: 2,
    min: 1,
    max: 100,
    about: 'passes in a row that bring it back',
  },
  atOnce: {
    type: 'number',
    integer: true,
    default: 32,
    min: 1,
    max: 10_000,
    about: 'how many endpoints are being checked at a time',
  },
} as const

/** What `probe` takes when it is an object; documentation and checks are made of it. */
export const probeOptions: typeof ownOptions & typeof tlsOptions = { ...ownOptions, ...tlsOptions }
