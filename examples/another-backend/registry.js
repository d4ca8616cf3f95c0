import { connect } from '@rollcall/core'

/** The only line that knows which backend it is. */
export const registryUrl = process.env.REGISTRY ?? 'etcd://localhost:2379'

export const openRegistry = () => connect(registryUrl)
