import { connect as coreConnect } from '@rollcall/core'
import { etcd } from './etcd.js'

export { etcd, type EtcdOptions } from './etcd.js'

/** Core's `connect`, which knows this adapter at once. */
export const connect: typeof coreConnect = (url, options) =>
  coreConnect(url, { ...options, adapters: [etcd, ...(options?.adapters ?? [])] })
