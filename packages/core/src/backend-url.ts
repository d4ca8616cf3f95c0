import { RollcallError } from './errors.js'

/** A parsed `connect` URL. */
export interface BackendUrl {
  /** Without `+tls`. */
  readonly scheme: string
  readonly tls: boolean
  readonly hosts: readonly HostPort[]
  /** Decoded, without a slash at its end; empty when there is none. */
  readonly path: string
  readonly username?: string
  readonly password?: string
  readonly query: ReadonlyMap<string, string>
  /** The URL as it may be shown: without its query, the password as `***`. */
  readonly shown: string
}

/** What the URLs of an adapter may hold; nothing by default. */
export interface Accepts {
  /** How many `host:port` stand in the URL. */
  readonly hosts?: 'none' | 'one' | 'many'
  readonly defaultPort?: number
  readonly path?: boolean
  readonly userinfo?: boolean
  readonly tls?: boolean
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

const shape = /^([a-z][a-z0-9.-]*)(\+tls)?:(?:\/\/([^/?#\s]*))?([^?#\s]*)(?:\?([^#\s]*))?$/i

/**
 * Reads `scheme[+tls]:[//[user[:password]@]host[:port][,host[:port]…]][/path][?option=value&…]`.
 *
 * Node's own parser refuses lists of hosts, and prints the password of a URL that it can't read; no error from here
 * quotes what may be part of one.
 */
export function parseUrl(url: string): BackendUrl {
  const match = typeof url === 'string' ? shape.exec(url) : null
  if (!match)
    throw badUrl(
      'it is not of the form scheme://host:port/path?option=value',
      'for example etcd://localhost:2379',
    )
  const [, rawScheme = '', plusTls, authority = '', rawPath = '', rawQuery = ''] = match
  const scheme = rawScheme.toLowerCase()
  rejectStrayAt(rawPath + rawQuery)
  const at = authority.lastIndexOf('@')
  const rawUserinfo = authority.slice(0, Math.max(0, at))
  const userinfo = parseUserinfo(rawUserinfo)
  const hosts = parseHosts(authority.slice(at + 1))
  const path = decode(rawPath, 'path').replace(/\/+$/, '')
  const shownUser = at < 0 ? '' : `${rawUserinfo.split(':')[0]}${userinfo.password ? ':***' : ''}@`
  const shownHosts = hosts
    .map(({ host, port }) => (port < 0 ? bracket(host) : `${bracket(host)}:${port}`))
    .join(',')
  return {
    scheme,
    tls: plusTls !== undefined,
    hosts,
    path,
    ...userinfo,
    query: parseQuery(rawQuery),
    shown: `${scheme}${plusTls ?? ''}:${hosts.length ? '//' : ''}${shownUser}${shownHosts}${rawPath.replace(/\/+$/, '')}`,
  }
}

/** Holds the URL against what its adapter accepts and fills in the default port. */
export function checkUrl(url: BackendUrl, accepts: Accepts = {}): BackendUrl {
  const { hosts = 'none' } = accepts
  const say = (wrong: string, fix: string): never => {
    throw badUrl(`${url.shown}: ${wrong}`, fix)
  }
  if (url.tls && !accepts.tls) say('this backend knows no TLS', `write ${url.scheme}:`)
  if (hosts === 'none' && url.hosts.length > 0) say('this backend takes no host', `write ${url.scheme}:`)
  if (hosts === 'one' && url.hosts.length > 1) say('this backend takes one host', 'name one of them')
  if (url.path !== '' && !accepts.path) say('this backend takes no path', 'leave it out')
  if ((url.username ?? url.password) !== undefined && !accepts.userinfo)
    say('this backend takes no user', 'leave it out of the URL')
  return { ...url, hosts: url.hosts.map((at) => withPort(at, accepts.defaultPort, say)) }
}

/** An IPv6 literal in brackets, anything else as it is. */
export function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

const noPort = -1

function withPort(
  at: HostPort,
  port: number | undefined,
  say: (wrong: string, fix: string) => never,
): HostPort {
  if (at.port !== noPort) return at
  return port === undefined
    ? say('the port is missing', `write ${bracket(at.host)}:PORT`)
    : { host: at.host, port }
}

/** A password with a slash or a question mark in it would pass for hosts, a path and options, and be shown as such. */
function rejectStrayAt(afterHosts: string): void {
  if (!afterHosts.includes('@')) return
  throw badUrl(
    'an @ stands behind its hosts',
    'percent-encode user and password, and write %40 for an @ that is meant',
  )
}

function parseUserinfo(text: string): { username?: string; password?: string } {
  const colon = text.indexOf(':')
  const username = decode(colon < 0 ? text : text.slice(0, colon), 'user')
  const password = colon < 0 ? '' : decode(text.slice(colon + 1), 'password')
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) }
}

function parseHosts(text: string): HostPort[] {
  return text === '' ? [] : text.split(',').map(parseHost)
}

function parseHost(text: string): HostPort {
  const match = /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d+))?$/i.exec(text)
  if (!match)
    throw badUrl(
      'a host in it can not be read',
      'write host:port, IPv6 as [::1]:port, and percent-encode user and password',
    )
  const port = match[3] === undefined ? noPort : Number(match[3])
  if (port === 0 || port > 65_535) throw badUrl('a port in it does not exist', 'give one from 1 to 65535')
  return { host: (match[1] ?? match[2])!, port }
}

function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>()
  for (const pair of text.split('&').filter(Boolean)) {
    const [name = '', ...rest] = pair.split('=')
    const key = decode(name, 'option name')
    if (query.has(key)) throw badUrl(`the option ${key} stands in it twice`, 'give it once')
    query.set(key, decode(rest.join('='), `option ${key}`))
  }
  return query
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badUrl(`its ${what} has a stray %`, 'write %25 for a percent sign')
  }
}

function badUrl(wrong: string, fix: string): RollcallError {
  return new RollcallError('BAD_URL', `The registry's URL is no good, ${wrong}: ${fix}.`)
}
