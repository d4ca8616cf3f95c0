import { connect } from '@rollcall/core'

/** The only line that knows which backend it is. */
const registryUrl = process.env.REGISTRY ?? 'local:'

export const openRegistry = () => connect(registryUrl)
