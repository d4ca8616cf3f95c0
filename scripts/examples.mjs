// Runs each example as its README says, with a time limit, and holds what it prints against what it should.
// Called by `run.mjs examples`, when everything is built and servers are there.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startServer } from '@rollcall/testing'
import { root, say } from './run-process.mjs'

const twoServicesOneKilled = [
  /^caller: 50 calls, 0 failed, answered by 2 processes$/m,
  /^main: killed service \d+$/m,
  /^service \d+: left \(off the list: true, calls finished: true\)$/m,
]

/** `server`: the kind to be started for it, whose URL it gets as REGISTRY. `prints`: what has to stand in its output. */
const examples = [
  { folder: 'service-and-caller', args: ['main.js'], limitS: 30, prints: twoServicesOneKilled },
  { folder: 'another-backend', args: ['main.js'], limitS: 60, server: 'etcd', prints: twoServicesOneKilled },
  { folder: 'own-adapter', args: ['main.js'], limitS: 30, prints: [/^order \/42$/m] },
  {
    folder: 'own-adapter',
    args: ['--test'],
    limitS: 180,
    prints: [/^. pass \d\d+$/m, /^. fail 0$/m, /^. skipped 1$/m],
  },
  {
    folder: 'integration-test',
    args: ['--test'],
    limitS: 120,
    prints: [/^.*tested on etcd \d/m, /^. pass 3$/m],
  },
]

// Each example is a process group, which a Ctrl-C at the terminal does not reach.
const running = new Set()
process.on('exit', () => running.forEach(({ pid }) => process.kill(-pid, 'SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

let failures = 0
for (const example of examples) {
  const title = `examples/${example.folder}: node ${example.args.join(' ')}`
  const start = performance.now()
  const { problems, output } = await check(example)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  say(`${title}: ${problems.length === 0 ? 'ok' : problems.join('; ')} (${seconds} s)`)
  if (problems.length === 0) continue
  failures++
  process.stderr.write(output)
}
console.log(`\n${examples.length - failures} examples passed, ${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1

async function check({ server: kind, ...example }) {
  if (!kind) return judge(example, await runExample(example, {}))
  const server = await startServer(kind)
  try {
    say(`examples/${example.folder} gets ${server.description}`)
    return judge(example, await runExample(example, { REGISTRY: server.url }))
  } finally {
    await server.stop()
  }
}

/** Its exit code, or `late`, and all that it printed. */
function runExample({ folder, args, limitS }, env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: join(root, 'examples', folder),
      env: { ...process.env, NO_COLOR: '1', ...env },
      // A group of its own, so that no process that the example started outlives its time.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    let late = false
    const timer = setTimeout(() => {
      late = true
      process.kill(-child.pid, 'SIGKILL')
    }, limitS * 1000)
    child.once('close', (code) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ code, late, output })
    })
  })
}

function judge({ prints, limitS }, { code, late, output }) {
  const missing = prints
    .filter((wanted) => !wanted.test(output))
    .map((wanted) => `printed nothing like ${wanted}`)
  const ending = late ? [`took longer than ${limitS} s`] : code === 0 ? [] : [`ended with ${code}`]
  return { problems: [...ending, ...missing], output }
}
