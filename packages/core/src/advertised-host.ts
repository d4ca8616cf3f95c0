import { networkInterfaces } from 'node:os'
import { RollcallError } from './errors.js'
import { badOption } from './options.js'

const environmentVariable = 'ROLLCALL_HOST'

// 0.0.0.0, ::, and the same written otherwise.
const everyAddress = /^[0:.]+$/

/**
 * The host under which others reach this process: what was given, else ROLLCALL_HOST, else the backend's own
 * default, else the one IPv4 address of this machine that is not internal.
 * Throws HOST_REQUIRED when there is none or more than one, BAD_OPTION for an address that nobody can call.
 */
export function advertisedHost(given: string | undefined, backendDefault: string | undefined): string {
  const host = given ?? fromEnvironment() ?? backendDefault ?? onlyAddress()
  if (everyAddress.test(host)) {
    throw badOption(
      'host',
      `is ${host}, which means every address and is none`,
      'name the one that callers can reach',
    )
  }
  return host
}

// Set to nothing is how many a shell unsets it.
function fromEnvironment(): string | undefined {
  const host = process.env[environmentVariable]
  return host === '' ? undefined : host
}

function onlyAddress(): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
  const [only, ...others] = addresses
  if (only !== undefined && others.length === 0) return only
  const found = only === undefined ? 'has none' : `has ${addresses.join(', ')}`
  throw new RollcallError(
    'HOST_REQUIRED',
    `Which address do callers reach? This machine ${found}: set the option host or ${environmentVariable}.`,
  )
}
