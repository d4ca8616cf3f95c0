// Looks at each package as npm would publish it: publint at its manifest, attw at how its types are found.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run-process.mjs'
import { bundleCore } from './setup.mjs'

const bin = (name) => join(root, 'node_modules', '.bin', name)

async function check(command, args) {
  const code = await run(bin(command), args, { quiet: true })
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${command} ${args.join(' ')}`)
  if (code !== 0) process.exitCode = 1
}

// Publint packs without running scripts, so that core's `prepack` would be left out.
await bundleCore()
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join('packages', name)
  await check('publint', [folder, '--strict'])
  await check('attw', ['--pack', folder, '--profile', 'esm-only', '--format', 'ascii'])
}
