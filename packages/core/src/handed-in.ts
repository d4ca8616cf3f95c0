import type { BackendUrl } from './backend-url.js'
import { badOption } from './options.js'

/**
 * A client that a user hands in knows its hosts, its user and its TLS already.
 * Throws BAD_OPTION when the URL or one of the options `settled` by the client says anything of them.
 */
export function rejectBesideClient(
  url: BackendUrl,
  options: Readonly<Record<string, unknown>>,
  settled: readonly string[],
): void {
  const inOptions = settled.find((name) => options[name] !== undefined)
  const inUrl = [
    url.hosts.length > 0 && 'a host in the URL',
    url.username !== undefined && 'a user in the URL',
    url.tls && '+tls',
  ].find((part) => part !== false)
  const beside = inOptions ?? inUrl
  if (beside !== undefined) {
    throw badOption('client', `stands beside ${beside}, which it knows already`, 'give one of them')
  }
}
