import type { Check } from './check.js'

/** Passes when a TCP connection opens. It is closed at once and carries nothing. */
export function tcpCheck(): Check {
  return {
    run: ({ host, port }, signal) =>
      new Promise((resolve, reject) => {
        const socket = process.getBuiltinModule('node:net').connect({ host, port, signal })
        socket.once('error', reject).once('connect', () => {
          socket.destroy()
          resolve()
        })
      }),
  }
}
