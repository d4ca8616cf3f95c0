// What `npm run demo`, `npm test` and `npm run bench` call. Plain Node and no dependency: on a fresh machine nothing
// else is there yet. Each step of the set-up is done only when it is needed.
import { requireNode } from './node-version.mjs'

requireNode()

// Core loads them by name when a URL asks for them, so that nothing that runs here refers to them.
const adapters = ['packages/consul', 'packages/etcd', 'packages/zookeeper']

const commands = {
  async setup() {
    const { build, install } = await import('./setup.mjs')
    await install()
    await build()
  },
  async demo(args) {
    const { build, install } = await import('./setup.mjs')
    await install()
    await build('demo', ...adapters)
    await start('demo/dist/main.js', ...args)
  },
  async bench(args) {
    const { build, bundleBench, bundleCore, install } = await import('./setup.mjs')
    const { prepareServers } = await import('./servers.mjs')
    await install()
    await build('packages/testing', ...adapters)
    await bundleCore()
    const [way] = await prepareServers()
    process.env.ROLLCALL_SERVERS = way
    // Bytes per call can only be counted by whoever may collect garbage.
    await start('--expose-gc', await bundleBench(), ...args)
  },
  async lab(args) {
    const { build, install } = await import('./setup.mjs')
    const { prepareServers, readChoice } = await import('./servers.mjs')
    const { choice, rest } = readChoice(joinedServers(args))
    await install()
    await build('lab', ...adapters)
    if (!needsServers(rest)) return start('lab/dist/main.js', ...rest)
    for (const way of await prepareServers(choice)) {
      process.env.ROLLCALL_SERVERS = way
      await start('lab/dist/main.js', ...rest)
      if (process.exitCode !== 0) return
    }
  },
  async examples(args) {
    const { build, install } = await import('./setup.mjs')
    const { prepareServers, readChoice } = await import('./servers.mjs')
    await install()
    await build('packages/testing', ...adapters)
    for (const way of await prepareServers(readChoice(args).choice)) {
      process.env.ROLLCALL_SERVERS = way
      await start('scripts/examples.mjs')
      if (process.exitCode !== 0) return
    }
  },
  async test(args) {
    const { test } = await import('./test.mjs')
    await test(args)
  },
}

/** Help, a command that there isn't and what meets on `local:` need no server, which would take a minute to fetch. */
function needsServers([command, ...args]) {
  const isLocal = /(^| )--backend[ =]local( |$)/.test(args.join(' '))
  return ['recovery', 'calls'].includes(command) && !args.includes('--help') && !isLocal
}

/** `--servers processes` as one argument. */
function joinedServers(args) {
  const at = args.indexOf('--servers')
  return at === -1 ? args : args.toSpliced(at, 2, `--servers=${args[at + 1]}`)
}

async function start(...args) {
  const { run } = await import('./run-process.mjs')
  process.exitCode = await run(process.execPath, args)
}

const [name, ...args] = process.argv.slice(2)
if (!Object.hasOwn(commands, name)) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`)
  process.exit(2)
}
try {
  await commands[name](args)
} catch (error) {
  // A step that failed has said why already; anything else is a fault of these scripts.
  console.error(error.isStepFailure ? `rollcall: ${error.message}` : error)
  process.exitCode = 1
}
