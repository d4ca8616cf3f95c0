import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsMaterial } from './certificates.js'
import type { ServerAddress } from './recipe.js'

/** Sends one of ZooKeeper's four letter words, such as `srvr`, and returns the answer; '' when there is none. */
export function fourLetterWord(
  address: ServerAddress,
  word: string,
  tls?: TlsMaterial,
  withinMs = 1_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls ? connectTls({ ...address, ...tls }) : connect(address)
    const deadline = setTimeout(
      () => socket.destroy(new Error(`no answer to ${word} in ${withinMs} ms`)),
      withinMs,
    )
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => (answer += text))
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(deadline)
      resolve(answer)
    })
    socket.on(tls ? 'secureConnect' : 'connect', () => socket.write(word))
  })
}
