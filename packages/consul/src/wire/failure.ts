import { RollcallError, isRollcallError, messageOf } from '@rollcall/core/adapter'
import type { WireAnswer, WireRequest } from './send.js'

/** Consul refuses the token, or speaks TLS where we do not. */
export function refused(answer: WireAnswer): RollcallError {
  return new RollcallError(
    'MISCONFIGURED',
    `Consul refused ${nameOf(answer.request)} (${answer.status} ${excerpt(answer.text)}): check option token, its rules, and +tls in the URL.`,
  )
}

/** An answer of no use: a failure of Consul's, or not Consul at all. */
export function unusable(answer: WireAnswer, why?: string): RollcallError {
  const what = why ?? `it says ${excerpt(answer.text) || 'nothing'}`
  return unavailable(`Consul answered ${nameOf(answer.request)} with ${answer.status}, and ${what}.`)
}

export function brokenOff(request: WireRequest): RollcallError {
  return unavailable(`Consul's answer to ${nameOf(request)} broke off.`)
}

/** No answer in time, no connection, or no common ground on TLS. */
export function noAnswer(request: WireRequest, error: unknown): RollcallError {
  if (isRollcallError(error)) return error
  const { isTimeout, code } = error as { isTimeout?: boolean; code?: unknown }
  if (isTimeout)
    return unavailable(`Consul did not answer ${nameOf(request)} within ${request.timeoutMs} ms.`)
  if (isTlsCode(code)) {
    return new RollcallError(
      'MISCONFIGURED',
      `TLS with Consul failed (${plain(messageOf(error))}): check ca, cert, key and serverName, and that this port speaks TLS.`,
      { cause: error },
    )
  }
  return unavailable(
    `Consul did not answer ${nameOf(request)}: ${plain(messageOf(error))}${hintFor(code)}.`,
    error,
  )
}

function isTlsCode(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    /^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH)/.test(
      code,
    )
  )
}

/** Without the request, which the client quotes once more, and OpenSSL's line breaks. */
function plain(message: string): string {
  return message.replace(/^consul: [A-Z]+ \S+: /, '').trim()
}

const hints = new Map<unknown, string>([
  // It closes what exceeds its limit without a word; later versions say 429. An agent that ends looks the same.
  ['ECONNRESET', 'the agent went away, or resets what exceeds its 200 connections from an address'],
  ['ECONNREFUSED', 'is an agent running there, with its HTTP API on this port?'],
  ['ENOTFOUND', 'mend the host in the URL'],
])

function hintFor(code: unknown): string {
  const isNoHttp = typeof code === 'string' && code.startsWith('HPE_')
  const hint = isNoHttp
    ? "this is no HTTP: does the port speak TLS, or is it not the HTTP API's?"
    : hints.get(code)
  return hint === undefined ? '' : ` (${hint})`
}

function unavailable(message: string, cause?: unknown): RollcallError {
  return new RollcallError('UNAVAILABLE', message, ...(cause === undefined ? [] : [{ cause }]))
}

function nameOf(request: WireRequest): string {
  return `${request.method} ${request.path}`
}

function excerpt(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > 160 ? `${line.slice(0, 160)}…` : line
}
