// What you would do in three terminals: two services, a caller, and `kill -9` of a service in the middle of it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

const start = (file) => fork(fileURLToPath(new URL(file, import.meta.url)))

const services = [start('service.js'), start('service.js')]
const caller = start('caller.js')
const called = once(caller, 'exit')

await Promise.race([once(caller, 'message'), called])
await sleep(500)
services[0].kill('SIGKILL')
console.log(`main: killed service ${services[0].pid}`)

const [code] = await called
services[1].kill('SIGTERM')
await once(services[1], 'exit')
process.exitCode = code ?? 1
