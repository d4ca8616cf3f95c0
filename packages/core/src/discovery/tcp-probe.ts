import type { Clock } from '../clock.js'
import type { Instance } from '../instance.js'

/** Whether anything answers at an instance's address. */
export type Probe = (instance: Instance, signal: AbortSignal) => Promise<boolean>

const limitMs = 1_000

/** True when a TCP connection to the instance opens within a second. It is closed at once and carries nothing. */
export function tcpProbe(clock: Clock): Probe {
  return ({ host, port }, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(false)
      const socket = process.getBuiltinModule('node:net').connect({ host, port })
      const settle = (open: boolean) => (): void => {
        cancel()
        signal.removeEventListener('abort', abandoned)
        socket.destroy()
        resolve(open)
      }
      const abandoned = settle(false)
      // After a stall of our own, timers run before what has come in meanwhile: that is looked at first.
      const cancel = clock.after(limitMs, () => setImmediate(settle(false)))
      signal.addEventListener('abort', abandoned, { once: true })
      socket.once('connect', settle(true)).once('error', settle(false))
    })
}
