import { connect as coreConnect } from '@rollcall/core'
import { zookeeper } from './definition.js'

export { zookeeper } from './definition.js'

/** `connect` of `@rollcall/core`, with this adapter at hand: its package need not be named. */
export const connect: typeof coreConnect = (url, options) =>
  coreConnect(url, { ...options, adapters: [...(options?.adapters ?? []), zookeeper] })
