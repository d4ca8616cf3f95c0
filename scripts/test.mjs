import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, say } from './run-process.mjs'
import { prepareServers, readChoice } from './servers.mjs'
import { build, install } from './setup.mjs'
import { none, plus, printTotals, readTotals } from './totals.mjs'

const bin = (...path) => join(root, 'node_modules', ...path)
const results = join(root, '.cache', 'test')

/**
 * `npm test -- [--servers=processes|containers|both] [arguments of vitest]`: types, then everything once, then what
 * uses real servers again for the second way of running them.
 */
export async function test(args) {
  const { choice, rest } = readChoice(args)
  await install()
  let totals = await types()
  const ways = await prepareServers(choice)
  rmSync(results, { recursive: true, force: true })
  mkdirSync(results, { recursive: true })
  for (const [at, way] of ways.entries()) {
    // Tests that use no server would only say the same twice.
    const projects = at === 0 ? [] : ['--project', 'servers']
    totals = plus(totals, await vitest(way, [...projects, ...rest], rest.length > 0))
  }
  const ok = printTotals(totals)
  process.exitCode = ok ? 0 : 1
}

/** The type tests: as one test, since the compiler counts none. What it finds does not keep the others from running. */
async function types() {
  try {
    await build()
    return { ...none, passed: 1 }
  } catch (error) {
    if (!error.isStepFailure) throw error
    return { ...none, failed: 1 }
  }
}

async function vitest(way, args, filtered) {
  say(`Testing, with servers as ${way} ...`)
  const file = join(results, `${way}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  // A filter may name only tests that use no server, which leaves none for the second way.
  const empty = filtered ? ['--passWithNoTests'] : []
  const code = await run(
    process.execPath,
    [bin('vitest', 'vitest.mjs'), 'run', ...reporters, ...empty, ...args],
    {
      env: { ROLLCALL_SERVERS: way },
    },
  )
  return readTotals(file, code)
}
