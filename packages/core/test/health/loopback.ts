import type { AddressInfo, Server, Socket } from 'node:net'
import { afterAll } from 'vitest'
import type { Instance } from '@rollcall/core/adapter'
import type { Check } from '../../src/health/check.js'
import type { ProbeOptions } from '../../src/health/probe-options.js'
import { planProbe } from '../../src/health/probe-plan.js'
import { instance } from '../helpers.js'

export interface Loopback {
  readonly port: number
  /** Connections so far. */
  readonly accepted: Socket[]
  readonly open: () => number
  instance(fields?: Partial<Instance>): Instance
}

const ends: (() => void)[] = []
afterAll(() => {
  for (const end of ends) end()
})

/** Lets a server listen on 127.0.0.1 until the file's tests are over. */
export async function listening(server: Server): Promise<Loopback> {
  const accepted: Socket[] = []
  server.on('connection', (socket) => void accepted.push(socket.on('error', () => {})))
  ends.push(() => {
    server.close()
    for (const socket of accepted) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    accepted,
    open: () => accepted.filter((socket) => !socket.destroyed).length,
    instance: (fields = {}) => instance('a', { host: '127.0.0.1', port, ...fields }),
  }
}

/** A port where nobody listens. */
export async function refusing(server: Server): Promise<Instance> {
  const { port } = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return instance('a', { host: '127.0.0.1', port })
}

/** The check of an instance, closed when the file's tests are over. */
export function checking(probe: ProbeOptions, of: Instance): Check & { ask(): Promise<unknown> } {
  const check = planProbe(probe).makeCheck(of)
  ends.push(() => check.close?.())
  const signal = new AbortController().signal
  return {
    run: (target, given) => check.run(target, given),
    close: () => check.close?.(),
    ask: () =>
      check.run(of, signal).then(
        () => 'passed',
        (error: Error) => error.message,
      ),
  }
}
