import { connect as coreConnect } from '@rollcall/core'
import { etcd } from './etcd.js'

export { etcd, type EtcdOptions } from './etcd.js'

/** Core's `connect` with this adapter at hand, for who installed this package alone. */
export const connect: typeof coreConnect = (url, options) =>
  coreConnect(url, { ...options, adapters: [...(options?.adapters ?? []), etcd] })
