import { messageOf } from '../errors.js'
import { badOption, checkOption, show, unknownOption } from '../options.js'
import { loadTls, tlsOptions, type TlsFiles } from '../tls.js'
import type { CheckMaker } from './check.js'
import { functionCheck } from './function-check.js'
import { GrpcCheck } from './grpc-check.js'
import { HttpCheck } from './http-check.js'
import { probeOptions, type Probe, type ProbeOptions } from './probe-options.js'
import { statusesOf } from './statuses.js'
import { tcpCheck } from './tcp-check.js'

/** What `probe` was given, with the defaults. */
export interface ProbePlan {
  readonly makeCheck: CheckMaker
  readonly intervalMs: number
  readonly edgeMs: number
  readonly noTrafficMs: number
  readonly jitter: number
  readonly timeoutMs: number
  readonly unhealthyAfter: number
  readonly healthyAfter: number
  readonly atOnce: number
}

const prefix = 'probe.'
const inFull = (name: string): string => `${prefix}${name}`
const known = Object.keys(probeOptions)
const fix = "give 'tcp', 'http', 'grpc', a function, or an object with one of these as `check`"

/** The kinds of check that have use for an option; those not named here are for all. */
const usedBy: Readonly<Record<string, readonly unknown[]>> = {
  path: ['http'],
  method: ['http'],
  expect: ['http'],
  host: ['http', 'grpc'],
  service: ['grpc'],
  ...Object.fromEntries(Object.keys(tlsOptions).map((name) => [name, ['http', 'grpc']])),
}

/**
 * Reads what `probe` was given. Throws UNKNOWN_OPTION, and BAD_OPTION also for options that contradict each other and
 * for files that can't be read.
 */
export function planProbe(probe: Probe): ProbePlan {
  const options = asOptions(probe)
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) throw unknownOption(inFull(name), known.map(inFull))
    if (value !== undefined) checkValue(name as keyof ProbeOptions, value, options.check ?? 'tcp')
  }
  const intervalMs = options.intervalMs ?? probeOptions.intervalMs.default
  const plan = {
    makeCheck: makerOf(options),
    intervalMs,
    edgeMs: options.edgeMs ?? Math.min(1_000, intervalMs),
    noTrafficMs: options.noTrafficMs ?? Math.max(60_000, intervalMs),
    jitter: options.jitter ?? probeOptions.jitter.default,
    timeoutMs: options.timeoutMs ?? probeOptions.timeoutMs.default,
    unhealthyAfter: options.unhealthyAfter ?? probeOptions.unhealthyAfter.default,
    healthyAfter: options.healthyAfter ?? probeOptions.healthyAfter.default,
    atOnce: options.atOnce ?? probeOptions.atOnce.default,
  }
  checkOrder(plan)
  return plan
}

function asOptions(probe: Probe): ProbeOptions {
  if (typeof probe === 'string' || typeof probe === 'function') return { check: probe }
  if (typeof probe !== 'object' || probe === null || Array.isArray(probe)) {
    throw badOption('probe', `is ${show(probe)}`, fix)
  }
  return probe
}

function checkValue(name: keyof ProbeOptions, value: unknown, check: unknown): void {
  const full = inFull(name)
  checkOption(full, probeOptions[name], value)
  const users = usedBy[name]
  if (users && !users.includes(check)) {
    const kind = typeof check === 'function' ? 'a function' : `a ${String(check)} check`
    throw badOption(full, `means nothing to ${kind}`, `leave it out, or give check: '${String(users[0])}'`)
  }
  if (name === 'method' && value !== 'GET' && value !== 'HEAD') {
    throw badOption(full, `is ${show(value)}`, "give 'GET' or 'HEAD'")
  }
  if (name === 'path' && !/^\/[\x21-\x7e]*$/.test(value as string)) {
    throw badOption(
      full,
      `is ${show(value)}`,
      'begin with a slash, and percent-encode what is not plain ASCII',
    )
  }
  if (name === 'host' && !/^[\x21-\x7e]+$/.test(value as string)) {
    throw badOption(full, `is ${show(value)}`, 'give a host name, with its port if it is not the usual one')
  }
}

function makerOf({ check = 'tcp', ...options }: ProbeOptions): CheckMaker {
  if (typeof check === 'function') return () => functionCheck(check)
  if (check === 'tcp') return tcpCheck
  const { host, path = '/', method = 'GET', expect = '200-299' } = options
  const tls = tlsOf(options)
  if (check === 'grpc') return () => new GrpcCheck({ service: options.service ?? '', host, tls })
  if (check !== 'http')
    throw badOption(inFull('check'), `is ${show(check)}`, "give 'tcp', 'http', 'grpc' or a function")
  const plan = { method, path, host, isExpected: statusesOf(expect), tls }
  return (instance) => new HttpCheck(plan, instance)
}

/** Throws at once for what would fail every check later. */
function tlsOf({ ca, cert, key, serverName }: ProbeOptions): TlsFiles {
  const files = loadTls(true, { ca, cert, key, serverName }, prefix)!
  try {
    process.getBuiltinModule('node:tls').createSecureContext(files)
  } catch (error) {
    const wrong = `or its key can't be used (${messageOf(error)})`
    throw badOption(inFull('cert'), wrong, 'give PEM text or the path of a PEM file')
  }
  return files
}

function checkOrder({ edgeMs, intervalMs, noTrafficMs }: ProbePlan): void {
  if (edgeMs > intervalMs) {
    throw badOption(inFull('edgeMs'), `is ${edgeMs}, longer than intervalMs (${intervalMs})`, 'give less')
  }
  if (noTrafficMs < intervalMs) {
    throw badOption(
      inFull('noTrafficMs'),
      `is ${noTrafficMs}, shorter than intervalMs (${intervalMs})`,
      'give more',
    )
  }
}
