import type { BackendUrl } from './backend-url.js'
import { badOption } from './options.js'

/** The options of adapters whose backend knows users. */
export const loginOptions = {
  username: { type: 'string', about: 'user of the backend, if not in the URL' },
  password: { type: 'string', secret: true, about: "the user's password, if not in the URL" },
} as const

export interface Login {
  readonly username: string
  readonly password: string
}

/**
 * User and password, from the URL or from the options; undefined when neither is given.
 * Throws BAD_OPTION for one without the other, and for one given in both places.
 */
export function loginOf(
  url: BackendUrl,
  options: { readonly username?: string | undefined; readonly password?: string | undefined },
): Login | undefined {
  const username = once('username', url.username, options.username)
  const password = once('password', url.password, options.password)
  if (username !== undefined && password !== undefined) return { username, password }
  if (username === password) return undefined
  const alone = username === undefined ? 'password' : 'username'
  throw badOption(alone, 'stands alone', 'give username and password together')
}

function once(name: string, inUrl: string | undefined, inOptions: string | undefined): string | undefined {
  if (inUrl === undefined || inOptions === undefined) return inUrl ?? inOptions
  throw badOption(name, 'stands in the URL and in the options', 'give it once')
}
