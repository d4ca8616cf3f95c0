import { badOption, show, unknownOption } from './options.js'
import { keyText, type Key } from './selection/key.js'

/** What a pick is for. */
export interface PickOptions {
  /** What is to be kept together, such as a user's id: balancers that go by keys choose the same instance for it. */
  key?: Key
}

/** The key of a request as text. Throws BAD_OPTION and UNKNOWN_OPTION. */
export function keyOf(request: PickOptions): string | undefined {
  if (typeof request !== 'object' || request === null) {
    throw badOption('options', `is ${show(request)}`, 'give an object such as { key }')
  }
  for (const name in request) if (name !== 'key') throw unknownOption(name, ['key'])
  return request.key === undefined ? undefined : keyText(request.key)
}
