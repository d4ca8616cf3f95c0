import type { experimental } from '@grpc/grpc-js'
import type { Instance } from '@rollcall/core/adapter'

type Subchannel = experimental.SubchannelInterface
type Policy = 'round_robin' | 'weighted_round_robin'

/**
 * The picker that a policy hands to its channel once all are connected. Nobody reports a load to the weighted one, so
 * that it takes all weights to be equal; what a pick costs is the same.
 */
export function picking(policy: Policy): (set: readonly Instance[]) => Promise<() => unknown> {
  return async (set) => {
    const picker = await pickerOf(policy, set)
    const request = { metadata: undefined as never, extraPickInfo: {} }
    return () => picker.pick(request)
  }
}

async function pickerOf(policy: Policy, set: readonly Instance[]): Promise<experimental.Picker> {
  const { connectivityState, experimental } = await import('@grpc/grpc-js')
  const { ChildLoadBalancerHandler, parseLoadBalancingConfig, statusOrFromValue } = experimental
  let current: experimental.Picker | undefined
  const balancer = new ChildLoadBalancerHandler({
    createSubchannel: () => connected(connectivityState.READY),
    updateState: (_, picker) => (current = picker),
    requestReresolution() {},
    addChannelzChild() {},
    removeChannelzChild() {},
  })
  const endpoints = set.map(({ host, port }) => ({ addresses: [{ host, port }] }))
  const config = parseLoadBalancingConfig({ [policy]: {} })
  balancer.updateAddressList(statusOrFromValue(endpoints), config, {}, '')
  return current!
}

/** One that is ready and never changes. */
function connected(state: unknown): Subchannel {
  const subchannel = {
    getConnectivityState: () => state,
    addConnectivityStateListener() {},
    removeConnectivityStateListener() {},
    startConnecting() {},
    getAddress: () => '',
    throttleKeepalive() {},
    ref() {},
    unref() {},
    getChannelzRef: () => undefined,
    isHealthy: () => true,
    addHealthStateWatcher() {},
    removeHealthStateWatcher() {},
    addDataWatcher() {},
    realSubchannelEquals: (other: unknown) => other === subchannel,
    getWrappedSubchannel: () => subchannel,
    getRealSubchannel: () => subchannel,
  }
  return subchannel as unknown as Subchannel
}
