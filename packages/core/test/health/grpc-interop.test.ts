import { startServer } from '@rollcall/testing'
import { instance } from '../helpers.js'
import { checking } from './loopback.js'
import { expect, it } from 'vitest'

it('is understood by a gRPC server of another make', { timeout: 60_000 }, async () => {
  const etcd = await startServer('etcd')
  try {
    const { hostname, port } = new URL(etcd.url.replace('etcd:', 'http:'))
    const target = instance('a', { host: hostname, port: Number(port), scheme: 'grpc' })
    const check = checking({ check: 'grpc' }, target)
    expect(await check.ask()).toBe('passed')
    expect(await check.ask()).toBe('passed')
    const stranger = checking({ check: 'grpc', service: 'nobody.Knows' }, target)
    expect(await stranger.ask()).toMatch(/gRPC status 5|UNKNOWN/)
  } finally {
    await etcd.stop()
  }
})
