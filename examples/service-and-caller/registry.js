import { connect } from '@rollcall/core'

/** The only line that knows which backend it is. */
export const registryUrl = process.env.REGISTRY ?? 'local:'

export const openRegistry = () => connect(registryUrl)
